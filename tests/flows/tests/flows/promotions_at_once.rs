//! Two operations on one promotion at once. One of them comes between any two calls of the other
//! one, which writes afterwards: both are answered, and all is left, as if it had begun afterwards.

mod outcome;
mod pairs;
mod reads;
mod scene;

use slipway_test_support::{TestClock, TestResponse, World};

use self::outcome::Outcome;
use self::pairs::{Pair, RestsOn};
use self::scene::{Request, Scene};
use crate::interleaving::{Change, interleaved};

/// Makes sure that `pairs` end as if their operations had come one after the other.
async fn play(pairs: &[Pair]) {
    for pair in pairs {
        // There are at most 100 environments.
        let (world, mut number) = (World::start().await, 0);
        let mut in_order = Vec::new();
        for is_swapped in [false, true] {
            in_order.push(one_after_the_other(&world, pair, &mut number, is_swapped).await);
        }
        for is_swapped in [false, true] {
            // What is several requests comes between, and nothing between them.
            if pair.of(is_swapped).len() == 1 {
                between_each_two_calls(&world, pair, &mut number, is_swapped, &in_order).await;
            }
        }
        world.stack.stop().await;
    }
}

/// How a pair ends where its second operation begins when the first one has ended; the other way
/// round where it is swapped.
async fn one_after_the_other(
    world: &World,
    pair: &Pair,
    number: &mut u32,
    is_swapped: bool,
) -> Outcome {
    let scene = Scene::set(world, pair, number).await;
    let first = answers(scene.requests(world, pair.of(is_swapped))).await;
    let second = answers(scene.requests(world, pair.of(!is_swapped))).await;
    let told = if is_swapped { [second, first] } else { [first, second] };
    Outcome::of(world, &scene, &told).await
}

/// Lets the second operation of a pair come before each call of the first one; the other way round
/// where it is swapped.
async fn between_each_two_calls(
    world: &World,
    pair: &Pair,
    number: &mut u32,
    is_swapped: bool,
    in_order: &[Outcome],
) {
    for at in 1.. {
        let scene = Scene::set(world, pair, number).await;
        let call = scene.call(world, pair.of(is_swapped)[0]);
        let requests = scene.requests(world, pair.of(!is_swapped));
        let (tell, told) = tokio::sync::oneshot::channel();
        // In a task of its own: the call that it comes before may be given up while it is made,
        // where another one beside it has failed.
        let change: Change = Box::pin(async move {
            let made = tokio::spawn(async move { drop(tell.send(answers(requests).await)) });
            made.await.unwrap();
        });
        let answer = async |services| call.on(&services).await.0;
        let Some(first) = interleaved((world, &TestClock::default()), at, change, answer).await
        else {
            assert!(at > 1, "{}: {at}: are calls still counted?", pair.name);
            break;
        };
        let (first, second) = (vec![first], told.await.unwrap());
        let told = if is_swapped { [second, first] } else { [first, second] };
        let outcome = Outcome::of(world, &scene, &told).await;
        let Pair { name, rests_on, .. } = pair;
        let context = format!("{name}, swapped: {is_swapped}, call {at}");
        match rests_on {
            RestsOn::Write => assert_eq!(outcome, in_order[usize::from(!is_swapped)], "{context}"),
            RestsOn::Read => assert!(in_order.contains(&outcome), "{context}: {outcome:#?}"),
        }
    }
}

async fn answers(requests: Vec<Request>) -> Vec<TestResponse> {
    let mut answers = Vec::new();
    for request in requests {
        answers.push(TestResponse::to(request).await);
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_rests_on_what_is_so_when_it_is_written() {
    play(pairs::OF_APPROVALS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_is_asked_for_of_what_is_so_when_it_is_written() {
    play(pairs::OF_REQUESTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_ends_once_whatever_comes_meanwhile() {
    play(pairs::OF_ENDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_meanwhile_is_not_what_a_promotion_is_told_to_lack() {
    play(pairs::OF_DELETIONS).await;
}
