//! Lists whose pages have numbers while many write: each page that is read meanwhile tells a total
//! that held at some moment while it was read, and in the end all are right.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use futures::future::{join, join_all};
use slipway_test_support::{TestResponse, Value, World, json, text};

/// How many write at once.
const WRITERS: usize = 20;
/// How many entries each writer makes; it ends all but the last one.
const ROUNDS: usize = 3;

/// How many writes have begun, and how many were acknowledged.
#[derive(Default)]
struct Writes {
    begun: AtomicI64,
    acknowledged: AtomicI64,
}

/// The writes of a list: entries that come, and entries that go.
#[derive(Default)]
struct Tally {
    come: Writes,
    gone: Writes,
}

/// A list, and what makes and ends its entries.
struct Listed {
    /// The list; with a query, where that leaves out what has gone.
    list: &'static str,
    /// What is made.
    new: fn(&str, &Context) -> Value,
    /// How an entry ends: what follows its path, if it is not deleted.
    end: Option<&'static str>,
}

/// What entries are made with.
struct Context {
    /// Id of a component.
    component: Value,
    /// For each writer a release bundle and an environment, which asks for an approval.
    places: Vec<(Value, Value)>,
}

const ENVIRONMENTS: Listed = Listed {
    list: "/api/v1/environments?pageSize=5",
    new: |name, _| json!({ "name": name }),
    end: None,
};

const BUNDLES: Listed = Listed {
    list: "/api/v1/releases?pageSize=5&status=draft",
    new: |name, context| {
        let selection = json!({ "componentId": context.component, "version": "1.0.0" });
        json!({ "name": name, "components": [selection] })
    },
    end: None,
};

const PROMOTIONS: Listed = Listed {
    list: "/api/v1/promotions?pageSize=5&status=awaiting_approval",
    new: |name, context| {
        let writer: usize = name.split('-').nth(1).unwrap().parse().unwrap();
        let (release, environment) = &context.places[writer];
        json!({ "releaseId": release, "targetEnvironmentId": environment })
    },
    end: Some("/reject"),
};

impl Writes {
    /// Counts a write, which `request` sends until it is let in, and its answer.
    async fn count(&self, status: u16, request: impl AsyncFn() -> TestResponse) -> Value {
        self.begun.fetch_add(1, Ordering::SeqCst);
        loop {
            let answer = request().await;
            // Too many at once: nothing was changed.
            if answer.body["error"]["code"] == "contention" {
                continue;
            }
            let body = answer.expect(status);
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
            return body;
        }
    }
}

impl Listed {
    async fn write(&self, world: &World, context: &Context, writer: usize, tally: &Tally) {
        let path = self.list.split('?').next().unwrap();
        for round in 0..ROUNDS {
            let new = (self.new)(&format!("w-{writer}-{round}"), context);
            let made = tally.come.count(201, async || world.post(path, new.clone()).await).await;
            if round == ROUNDS - 1 {
                break;
            }
            let entry = format!("{path}/{}", text(&made, "id"));
            let end = async || match self.end {
                Some(rest) => world.post(&format!("{entry}{rest}"), json!({})).await,
                None => world.delete(&entry).await,
            };
            tally.gone.count(if self.end.is_some() { 200 } else { 204 }, end).await;
        }
    }

    /// Reads pages until all is written, and tells how much higher than `base` their totals were.
    async fn read(
        &self,
        world: &World,
        base: i64,
        tally: &Tally,
        is_over: &AtomicBool,
    ) -> Vec<i64> {
        let (load, mut totals) = (|number: &AtomicI64| number.load(Ordering::SeqCst), Vec::new());
        while !is_over.load(Ordering::SeqCst) {
            let before = (load(&tally.come.acknowledged), load(&tally.gone.acknowledged));
            let page = 1 + totals.len() % 3;
            let (total, entries) = self.total(world, page).await;
            let after = (load(&tally.come.begun), load(&tally.gone.begun));
            let bounds = base + before.0 - after.1..=base + after.0 - before.1;
            assert!(bounds.contains(&total), "{}: {total} is not in {bounds:?}", self.list);
            assert!(entries <= 5, "{}: {entries} entries", self.list);
            totals.push(total - base);
        }
        totals
    }

    /// The total that a page tells, and how many entries it has.
    async fn total(&self, world: &World, page: usize) -> (i64, usize) {
        let list = world.get(&format!("{}&page={page}", self.list)).await.expect(200);
        let total = list["meta"]["totalCount"].as_i64().unwrap();
        (total, list["data"].as_array().unwrap().len())
    }

    /// The entries of all pages.
    async fn entries(&self, world: &World) -> usize {
        let (mut entries, mut page) = (0, 1);
        loop {
            let (_, count) = self.total(world, page).await;
            if count == 0 {
                return entries;
            }
            (entries, page) = (entries + count, page + 1);
        }
    }

    /// Lets many write this list while it is read.
    async fn play(&self) {
        let world = World::start().await;
        let context = Context::of(&world).await;
        let base = self.total(&world, 1).await.0;
        let (tally, is_over) = (Tally::default(), AtomicBool::new(false));
        let writing = async {
            let writers = (0..WRITERS).map(|writer| self.write(&world, &context, writer, &tally));
            join_all(writers).await;
            is_over.store(true, Ordering::SeqCst);
        };
        let (totals, ()) = join(self.read(&world, base, &tally, &is_over), writing).await;
        let left = i64::try_from(WRITERS).unwrap();
        let between = totals.iter().filter(|total| (1..left).contains(*total)).count();
        assert!(between > 0, "{}: read in the middle: {totals:?}", self.list);
        assert_eq!(self.total(&world, 1).await.0, base + left, "{}", self.list);
        assert_eq!(i64::try_from(self.entries(&world).await).unwrap(), base + left);
        world.stack.stop().await;
    }
}

impl Context {
    async fn of(world: &World) -> Self {
        let component = world.component("api").await["id"].clone();
        let mut places = Vec::new();
        for writer in 0..WRITERS {
            let selection = json!({ "componentId": component, "version": "1.0.0" });
            let new = json!({ "name": format!("ready-{writer}"), "components": [selection] });
            let release = world.post("/api/v1/releases", new).await.expect(201)["id"].clone();
            let path = format!("/api/v1/releases/{}", release.as_str().unwrap());
            world.put(&path, json!({ "status": "ready" })).await.expect(200);
            let new = json!({ "name": format!("place-{writer}"), "requiredApprovals": 1 });
            let environment = world.post("/api/v1/environments", new).await.expect(201);
            places.push((release, environment["id"].clone()));
        }
        Self { component, places }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_of_environments_hold_while_twenty_write() {
    ENVIRONMENTS.play().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_of_release_bundles_hold_while_twenty_write() {
    BUNDLES.play().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_of_promotions_hold_while_twenty_write() {
    PROMOTIONS.play().await;
}
