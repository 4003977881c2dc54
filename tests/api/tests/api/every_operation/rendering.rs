//! A response is rendered once, whether it is stored for repetitions or not.

use std::sync::atomic::{AtomicUsize, Ordering};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use slipway_domain::product::{NewProduct, Product};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::frame::{self, Handled};
use slipway_edge::{
    Capabilities, Created, Ctx, Endpoint, Json, Request, Result, Route, Scope, operation, post,
};
use slipway_test_support::{World, json};

/// How often [`Counted`] was rendered.
static RENDERED: AtomicUsize = AtomicUsize::new(0);

/// A product that counts how often it is rendered.
#[derive(JsonSchema)]
struct Counted(Product);

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        RENDERED.fetch_add(1, Ordering::SeqCst);
        self.0.serialize(serializer)
    }
}

/// Creates a product, as product-create does.
#[derive(JsonSchema)]
struct CountedCreate;

impl Endpoint for CountedCreate {
    const ROUTE: Route =
        post("counted-create", "/v1/products").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Product];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewProduct>;
    type Output = Created<Counted>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let product = new.create(ctx.now(), ctx.generate_id()?)?;
        let created = Created::at("/v1/products", Counted(product));
        let audit = ctx.audit_with(&created)?;
        ctx.catalog().create_product(&created.resource().0, &audit).await?;
        Ok(created)
    }
}

fn request(world: &World, key: Option<&str>) -> Request {
    let mut headers = http::HeaderMap::new();
    let authorization = format!("Bearer {}", world.stack.admin_token);
    headers.insert("authorization", authorization.parse().unwrap());
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.extend(
        key.map(|key| (http::HeaderName::from_static("idempotency-key"), key.parse().unwrap())),
    );
    Request {
        method: "POST".to_owned(),
        path: "/v1/products".to_owned(),
        query: String::new(),
        headers,
        body: json!({ "name": "App" }).to_string().into(),
        request_id: "test".to_owned(),
        gateway_url: None,
        source_address: None,
    }
}

#[tokio::test]
async fn a_response_is_rendered_once_and_a_repetition_gets_the_very_same() {
    let world = World::start().await;
    let operation = operation::<CountedCreate>();
    let mut bodies = Vec::new();
    for (key, rendered) in [(None, 1), (Some("k"), 2), (Some("k"), 2)] {
        let request = request(&world, key);
        let Handled { response, .. } =
            frame::answer(&*operation, &world.stack.services, &request).await;
        assert_eq!(response.status(), 201);
        assert_eq!(RENDERED.load(Ordering::SeqCst), rendered, "{key:?}");
        bodies.push(response.into_body());
    }
    assert_eq!(bodies[1], bodies[2]);
    world.stack.stop().await;
}
