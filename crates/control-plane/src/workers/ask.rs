//! Asking a running agent the questions of a gate, some at a time. Each answer is kept as it comes, so that a kill costs only
//! the questions that were under way, and the same question is never asked again until the answer suits.

use std::collections::HashMap;
use std::time::Duration;

use domain::canonical;
use domain::deployment::LogLevel;
use futures::{StreamExt, stream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::check::step_of;
use super::names;
use super::step::{Job, beating, heartbeat};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::ports::evaluator::{Exchange, Question};
use crate::store;
use crate::store::entity::{answer, gate_run};
use crate::topic::Topic;
use crate::transact::Tx;
use crate::versions;

/// Questions asked at the same time of one agent.
const AT_ONCE: usize = 8;
/// Waits before a question is asked again that the agent or the network failed to answer.
const AGAIN: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];
/// A failure that took this long is not tried again.
const SLOW: Duration = Duration::from_secs(10);
/// Answers written in one transaction at most.
const BATCH: usize = 50;
/// A longer answer is not kept: it is asked again after a kill. Bytes, of answer and trace.
const KEPT_MAX: usize = 256 * 1024;

/// A question at its place among all that a gate asks.
struct Turn {
    at: usize,
    question: Question,
    digest: String,
    /// The how manieth time this very question is asked of this deployment, from 0. A case that is asked again is another
    /// draw, and so are two cases that ask the same.
    turn: i32,
}

/// Every question `trials` times, in their order. What was answered before a kill, or for another gate of this deployment,
/// is not asked again; what stayed without an answer is.
pub(super) async fn ask_all(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
    questions: Vec<Question>,
    trials: u32,
) -> Result<Vec<Exchange>, Error> {
    let mut kept = store::answers::of(cp.reader(), job.row.id).await?;
    let turns = turns(questions, trials);
    let total = turns.len();
    let (mut done, mut open) = (Vec::with_capacity(total), Vec::new());
    for turn in turns {
        match kept.remove(&(turn.digest.clone(), turn.turn)) {
            Some(row) => done.push((turn.at, exchange_of(turn.question, row)?)),
            None => open.push(turn),
        }
    }
    let timeout = versions::manifest(&job.version)?
        .runtime
        .invoke_timeout_seconds;
    let name = names::runtime(job.row.number);
    let (sink, answers) = unbounded_channel();
    let name = name.as_str();
    let asking = async move {
        let asked = stream::iter(open).map(|turn| async move {
            let exchange = ask(cp, name, &turn.question, timeout).await;
            (turn, exchange)
        });
        let mut asked = asked.buffer_unordered(AT_ONCE);
        while let Some(one) = asked.next().await {
            // Nobody listens any more: the lease is lost.
            if sink.send(one).is_err() {
                break;
            }
        }
        Ok(())
    };
    let keeping = keep_all(cp, ctx, (job, run), (done, total), answers);
    let both = async { futures::try_join!(asking, keeping) };
    let ((), mut done) = beating(|| heartbeat(cp, ctx, job), both).await??;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, exchange)| exchange).collect())
}

/// Every case once before any a second time: what a slow hour of the agent does then falls on all of them.
fn turns(questions: Vec<Question>, trials: u32) -> Vec<Turn> {
    let trials = usize::try_from(trials.max(1)).unwrap_or(1);
    let mut seen: HashMap<String, i32> = HashMap::new();
    let all = std::iter::repeat_n(questions, trials).flatten();
    all.enumerate()
        .map(|(at, question)| {
            let digest = canonical::digest(question.prompt.as_bytes());
            let next = seen.entry(digest.clone()).or_default();
            let turn = *next;
            *next += 1;
            Turn {
                at,
                question,
                digest,
                turn,
            }
        })
        .collect()
}

/// Writes answers down as they come, and says how far it is, until there are no more.
async fn keep_all(
    cp: &ControlPlane,
    ctx: &OpCtx,
    (job, run): (&Job, &gate_run::Model),
    (mut done, total): (Vec<(usize, Exchange)>, usize),
    mut answers: UnboundedReceiver<(Turn, Exchange)>,
) -> Result<Vec<(usize, Exchange)>, Error> {
    let mut batch = Vec::new();
    while answers.recv_many(&mut batch, BATCH).await > 0 {
        keep(cp, ctx, job, run, (&batch, done.len(), total)).await?;
        done.extend(batch.drain(..).map(|(turn, exchange)| (turn.at, exchange)));
    }
    Ok(done)
}

async fn keep(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
    (batch, before, total): (&[(Turn, Exchange)], usize, usize),
) -> Result<(), Error> {
    let rows: Vec<answer::Model> = batch
        .iter()
        .filter_map(|(turn, exchange)| row_of(job, turn, exchange))
        .collect();
    let lines: Vec<(LogLevel, String)> = batch
        .iter()
        .enumerate()
        .map(|(at, (_, exchange))| line_of(exchange, before + at + 1, total))
        .collect();
    let progress = format!("{} of {total} answers", before + batch.len());
    let (rows, lines, progress) = (&rows, &lines, progress.as_str());
    cp.transact("ask::keep", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
        store::answers::keep(tx, rows.clone()).await?;
        store::gates::progress(tx, run.id, progress).await?;
        store::log::write(tx, job.row.id, step_of(run.gate), lines, ctx.now()).await?;
        tx.touch(Topic::new("deployment", job.row.number.to_string()));
        Ok(())
    })
    .await
}

fn line_of(exchange: &Exchange, at: usize, total: usize) -> (LogLevel, String) {
    let (level, word) = match &exchange.outcome {
        Ok(_) => (LogLevel::Text, "answered"),
        Err(_) => (LogLevel::Warn, "no answer"),
    };
    let (case, took) = (&exchange.case_id, exchange.latency_ms);
    let line = format!("case {case} ({at} of {total}) {word} in {took} ms");
    (level, line)
}

/// What is kept of an answer. What was not answered, or answered too long, is not.
fn row_of(job: &Job, turn: &Turn, exchange: &Exchange) -> Option<answer::Model> {
    let answer = exchange.outcome.as_ref().ok()?;
    let trace = exchange.trace.as_ref().map(ToString::to_string);
    let size = answer.len() + trace.as_ref().map_or(0, String::len);
    // PostgreSQL keeps no zero character in a text.
    let whole = size <= KEPT_MAX && !answer.contains('\0');
    whole.then(|| answer::Model {
        deployment_id: job.row.id,
        question: turn.digest.clone(),
        turn: turn.turn,
        answer: answer.clone(),
        trace,
        latency_ms: i64::try_from(exchange.latency_ms).unwrap_or(i64::MAX),
    })
}

fn exchange_of(question: Question, row: answer::Model) -> Result<Exchange, Error> {
    Ok(Exchange {
        case_id: question.case_id,
        variant: question.variant,
        outcome: Ok(row.answer),
        trace: row.trace.as_deref().map(store::from_json).transpose()?,
        latency_ms: u64::try_from(row.latency_ms).unwrap_or_default(),
    })
}

/// One question, asked again where the agent or the network failed. What the agent's error says is kept as no answer, not as
/// a wrong one.
pub(super) async fn ask(
    cp: &ControlPlane,
    name: &str,
    question: &Question,
    timeout: u32,
) -> Exchange {
    let payload = serde_json::json!({ "prompt": question.prompt });
    let clock = cp.clock();
    let mut waits = AGAIN.iter();
    loop {
        let began = clock.instant();
        let (outcome, passing) = match cp.ports().runtime.invoke(name, &payload, timeout).await {
            Ok(answer) if answer.status == 200 => (answer_of(&answer.body), false),
            Ok(answer) => (
                Err(format!("the agent answered with status {}", answer.status)),
                matches!(answer.status, 429 | 502 | 503 | 504),
            ),
            Err(error) => (Err(error.message), true),
        };
        let took = clock.instant().duration_since(began);
        // What took long would take long again, for every case of the suite.
        if outcome.is_err()
            && passing
            && took < SLOW
            && let Some(wait) = waits.next()
        {
            clock.sleep(*wait).await;
            continue;
        }
        let (outcome, trace) = match outcome {
            Ok((text, trace)) => (Ok(text), trace),
            Err(why) => (Err(why), None),
        };
        return Exchange {
            case_id: question.case_id.clone(),
            variant: question.variant,
            outcome,
            trace,
            latency_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
    }
}

/// The text of an answer, `{"result": "…"}`, a bare JSON text, or the body itself when it is JSON of another form; and the
/// `trace` beside it, where the agent says what it did.
fn answer_of(body: &str) -> Result<(String, Option<serde_json::Value>), String> {
    let value: serde_json::Value =
        serde_json::from_str(body).map_err(|_| "the agent's answer is not JSON".to_owned())?;
    let text = value.get("result").unwrap_or(&value);
    let text = text
        .as_str()
        .map_or_else(|| text.to_string(), str::to_owned);
    Ok((text, value.get("trace").cloned()))
}

/// Forgets answers that were judged.
pub(super) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    cp.transact(
        "ask::sweep",
        &deployments::worker(cp, "sweep"),
        |tx: Tx| async move {
            let tx = &tx;
            store::answers::sweep(tx).await
        },
    )
    .await
}
