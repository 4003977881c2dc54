//! What a handler knows about its request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::IF_MATCH;
use jiff::SignedDuration;
use serde::Serialize;
use slipway_aws::Meter;
use slipway_catalog::{AuditContext, IdempotencyRecord, IdempotentRequest, StartKey};
use slipway_domain::page::Page;
use slipway_domain::text::Name;
use slipway_domain::{Code, EntityTag, Error, GenerateId, Principal, Result, Timestamp};
use slipway_storage::ReadMethod;

use crate::capabilities::{CapabilitySet, FromServices};
use crate::clock::{Clock, entropy};
use crate::deadline::Deadline;
use crate::external::ExternalAccess;
use crate::idempotency;
use crate::output::linked_array::LinkedArray;
use crate::output::{Output, ResponseParts};
use crate::paging::Paging;
use crate::paging::cursor::{self, CursorScope};
use crate::paging::cursor_page::CursorPage;
use crate::request::Request;
use crate::route::Route;
use crate::services::Services;
use crate::trusted_issuers::TrustedIssuers;

/// Who asks, and the idempotency key of the request, where it has one.
#[derive(Debug)]
pub struct Caller {
    /// Who asks.
    pub(crate) principal: Arc<Principal>,
    /// The request as the idempotency store knows it.
    pub(crate) idempotent: Option<IdempotentRequest>,
}

/// A request's surroundings: the time, who asks, and what the handler may touch.
pub struct Ctx<P: CapabilitySet> {
    now: Timestamp,
    caller: Caller,
    request_id: String,
    public_url: Option<String>,
    read_method: ReadMethod,
    if_match: Option<Vec<String>>,
    /// What the last record of the idempotent request has: a transaction stores it, or fails.
    to_be_stored: Mutex<Option<ResponseParts>>,
    binding: CursorScope,
    /// The query string, by which the next page of a list is asked for.
    query: String,
    deadline: Deadline,
    services: Arc<Services>,
    meter: Meter,
    catalog: P::Catalog,
    storage: P::Storage,
    signer: P::Signer,
    invoker: P::Invoker,
}

impl<P: CapabilitySet> Ctx<P> {
    pub(crate) fn new(
        services: &Arc<Services>,
        op: &'static str,
        request: &Request,
        caller: Caller,
        meter: &Meter,
        deadline: Deadline,
    ) -> Self {
        Self {
            now: services.clock.now(),
            request_id: request.request_id.clone(),
            public_url: services.public_url.clone().or_else(|| request.gateway_url.clone()),
            read_method: if request.method == "HEAD" { ReadMethod::Head } else { ReadMethod::Get },
            if_match: request
                .headers
                .contains_key(IF_MATCH)
                .then(|| request.header_values(IF_MATCH).map(str::to_owned).collect()),
            binding: CursorScope::of(op, &request.path, &request.query, caller.principal.actor()),
            query: request.query.clone(),
            deadline,
            services: Arc::clone(services),
            meter: meter.clone(),
            catalog: P::Catalog::from_services(services, &caller.principal, meter),
            storage: P::Storage::from_services(services, &caller.principal, meter),
            signer: P::Signer::from_services(services, &caller.principal, meter),
            invoker: P::Invoker::from_services(services, &caller.principal, meter),
            to_be_stored: Mutex::default(),
            caller,
        }
    }

    /// The same, with the `If-Match` of the request if `route` honours one: what the API's document
    /// does not tell of, has no effect.
    pub(crate) fn conditional_as(self, route: Route) -> Self {
        Self { if_match: self.if_match.filter(|_| route.conditional), ..self }
    }

    /// The time of the request, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who asks.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.caller.principal
    }

    /// The handler's way to the catalog.
    #[must_use]
    pub fn catalog(&self) -> &P::Catalog {
        &self.catalog
    }

    /// The handler's way to the artifacts.
    #[must_use]
    pub fn storage(&self) -> &P::Storage {
        &self.storage
    }

    /// The handler's signing key. The other secrets that the part may be have names of their own:
    /// `registries`, `integration_rules`, `sealer` and `opener`.
    #[must_use]
    pub fn signer(&self) -> &P::Signer {
        &self.signer
    }

    /// The handler's way to the job that it starts.
    #[must_use]
    pub fn invoker(&self) -> &P::Invoker {
        &self.invoker
    }

    /// From which other hosts the deployment fetches.
    #[must_use]
    pub fn external(&self) -> &ExternalAccess {
        &self.services.external
    }

    /// The issuers whose JWTs are exchanged for tokens.
    #[must_use]
    pub fn trusted_issuers(&self) -> &TrustedIssuers {
        &self.services.trusted_issuers
    }

    /// To which hosts webhooks send.
    #[must_use]
    pub fn webhook_hosts(&self) -> &ExternalAccess {
        &self.services.webhooks
    }

    /// Tells the time while the handler works; [`Ctx::now`] is that of the request.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.services.clock
    }

    /// When the handler has to be done.
    #[must_use]
    pub fn deadline(&self) -> &Deadline {
        &self.deadline
    }

    /// What the request has cost so far.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// A new id.
    pub fn generate_id<T: GenerateId>(&self) -> Result<T> {
        Ok(T::generate(self.now, entropy()?))
    }

    /// What a change is recorded with.
    ///
    /// # Errors
    /// `internal` where the request has an idempotency key: [`Ctx::audit_with`] stores its
    /// response.
    pub fn audit(&self) -> Result<AuditContext> {
        if self.caller.idempotent.is_some() {
            return Err(Error::internal("an idempotent operation has to call `audit_with`"));
        }
        self.audit_context(None)
    }

    /// What a change is recorded with that is answered with `output`, once it is made: a request
    /// that repeats this one by its idempotency key is answered the same.
    pub fn audit_with(&self, output: &impl Output) -> Result<AuditContext> {
        let Some(request) = &self.caller.idempotent else { return self.audit_context(None) };
        let response = output.to_response_parts()?;
        let record = idempotency::record(request, &response)?;
        *self.to_be_stored() = Some(response);
        self.audit_context(Some(record))
    }

    /// What another change is recorded with that is made together with one of [`Ctx::audit_with`].
    pub fn audit_beside(&self) -> Result<AuditContext> {
        self.audit_context(None)
    }

    /// The response of a handler that has returned `output`: the one that was stored with its
    /// change, where it was, so that a repetition gets the very same.
    pub(crate) fn response(&self, output: &impl Output) -> Result<ResponseParts> {
        let is_stored = self.caller.idempotent.as_ref().is_some_and(IdempotentRequest::is_stored);
        let stored = self.to_be_stored().take().filter(|_| is_stored);
        stored.map_or_else(|| output.to_response_parts(), Ok)
    }

    fn to_be_stored(&self) -> MutexGuard<'_, Option<ResponseParts>> {
        self.to_be_stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn audit_context(&self, response: Option<IdempotencyRecord>) -> Result<AuditContext> {
        let (actor, event_id) = (self.principal().actor(), self.generate_id()?);
        let audit = AuditContext::new(self.now, actor, &self.request_id, event_id);
        let actor_name = self.principal().actor_name().map(str::to_owned);
        let retention = self.services.audit_retention;
        Ok(AuditContext { actor_name, retention, response, ..audit })
    }

    /// What a change is recorded with that the request makes on behalf of `actor`, who has become
    /// known by it.
    ///
    /// # Errors
    /// As for [`Ctx::audit`].
    pub fn audit_as(&self, actor: &str, name: &Name) -> Result<AuditContext> {
        let actor_name = Some(name.to_string());
        Ok(AuditContext { actor: actor.to_owned(), actor_name, ..self.audit()? })
    }

    /// The method that a URL to which this request is redirected has to be signed for.
    #[must_use]
    pub fn read_method(&self) -> ReadMethod {
        self.read_method
    }

    /// How long a URL works that is presigned for a release.
    #[must_use]
    pub fn presign_lifetime(&self) -> SignedDuration {
        self.services.presign_lifetime
    }

    /// How long the table's stream collects changes.
    #[must_use]
    pub fn batch_window(&self) -> SignedDuration {
        self.services.batch_window
    }

    /// Where clients reach the API: `https://` and a host, without a slash at its end. It is the
    /// deployment's setting `SLIPWAY_PUBLIC_URL`; without one, the gateway that the request came
    /// to.
    ///
    /// # Errors
    /// `internal` in a job of a deployment that has no such setting.
    pub fn public_url(&self) -> Result<&str> {
        self.public_url.as_deref().ok_or_else(|| {
            Error::internal("SLIPWAY_PUBLIC_URL is not set, and no gateway says where the API is")
        })
    }

    /// Makes sure that `current` is what the caller's `If-Match` names, where there is one.
    ///
    /// # Errors
    /// `precondition_failed`.
    pub fn require_match<T: Serialize>(&self, current: &T) -> Result<()> {
        let Some(wanted) = &self.if_match else { return Ok(()) };
        let current = serde_json::to_vec(current).map_err(Error::internal)?;
        let etag = EntityTag::of_representation(&current);
        if etag.is_in_if_match(wanted.iter().map(String::as_str)) {
            return Ok(());
        }
        Err(Error::new(
            Code::PreconditionFailed,
            format!("the thing has changed: its ETag is {etag}"),
        )
        .at("If-Match"))
    }

    /// The same for what may not be there: no `If-Match` names that (RFC 9110, section 13.1.1).
    ///
    /// # Errors
    /// `precondition_failed`.
    pub fn require_match_if_any<T: Serialize>(&self, current: Option<&T>) -> Result<()> {
        match current {
            Some(current) => self.require_match(current),
            None if self.if_match.is_none() => Ok(()),
            None => Err(Error::new(Code::PreconditionFailed, "there is nothing to replace yet")
                .at("If-Match")),
        }
    }

    /// How many items of a list were asked for, or 50, and where to start.
    ///
    /// # Errors
    /// `invalid_cursor` for a cursor that was not issued for this very list.
    pub fn page(&self, paging: &Paging) -> Result<(usize, Option<StartKey>)> {
        let start = paging
            .cursor
            .as_deref()
            .map(|cursor| cursor::open(&self.services.admin_token, &self.binding, cursor))
            .transpose()?;
        Ok((paging.limit.unwrap_or_default().get(), start))
    }

    /// A page as it is answered, with the cursor for the next one.
    ///
    /// # Errors
    /// `internal` for a position that can't be written.
    pub fn listed<T>(&self, page: Page<T, StartKey>) -> Result<CursorPage<T>> {
        let next_cursor = self.cursor_at(page.next)?;
        Ok(CursorPage::new(page.items, next_cursor))
    }

    /// The same, where the page is a bare array.
    ///
    /// # Errors
    /// `internal` for a position that can't be written.
    pub fn linked<T>(&self, page: Page<T, StartKey>) -> Result<LinkedArray<T>> {
        let next = self.cursor_at(page.next)?.map(|cursor| cursor::in_query(&self.query, &cursor));
        Ok(LinkedArray::new(page.items, next))
    }

    fn cursor_at(&self, position: Option<StartKey>) -> Result<Option<String>> {
        let seal = |at| cursor::seal(&self.services.admin_token, &self.binding, &at);
        position.map(seal).transpose()
    }
}
