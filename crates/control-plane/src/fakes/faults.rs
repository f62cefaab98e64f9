//! Trouble on command, and the journal of every call to the outside.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use tokio::sync::Notify;

use super::lock;
use crate::ports::{PortError, PortErrorKind};

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is refused, and nothing is done.
    Refused(PortErrorKind),
    /// It is done, but the answer is lost: the caller hears "unavailable".
    AnswerLost,
    /// It never begins and never answers: what a kill just before a call looks like.
    HangsBefore,
    /// It is done and never answers: what a kill just after a call looks like.
    HangsAfter,
    /// It is done and answers only after [`Faults::resume`]: what a worker that slept looks like.
    Waits,
    /// It is done and answered only after [`Faults::resume`]: what a slow call looks like.
    WaitsBefore,
}

/// One call to the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Port and method, such as `runtime.start`.
    pub name: &'static str,
    /// What it was about: a name, a commit, a reference.
    pub subject: String,
}

impl Call {
    /// `runtime.start clearance-4`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.name, self.subject)
    }
}

#[derive(Debug, Default)]
struct Plan {
    calls: Vec<Call>,
    next: BTreeMap<&'static str, VecDeque<Fault>>,
    at: BTreeMap<usize, Fault>,
}

/// The journal and the planned trouble, shared by all fakes of a plane.
#[derive(Debug, Default)]
pub struct Faults {
    plan: Mutex<Plan>,
    hangs: Notify,
    resumed: Notify,
}

impl Faults {
    /// The next `times` calls of this name go wrong.
    pub fn next(&self, name: &'static str, times: usize, fault: Fault) {
        let mut plan = lock(&self.plan);
        let planned = plan.next.entry(name).or_default();
        planned.extend(std::iter::repeat_n(fault, times));
    }

    /// The call at this place of the journal, counted from 0, goes wrong, whichever it is.
    pub fn at(&self, place: usize, fault: Fault) {
        lock(&self.plan).at.insert(place, fault);
    }

    /// Takes back all trouble that has not happened yet.
    pub fn clear(&self) {
        let mut plan = lock(&self.plan);
        plan.next.clear();
        plan.at.clear();
    }

    /// Trouble that has not happened yet.
    #[must_use]
    pub fn planned(&self) -> usize {
        let plan = lock(&self.plan);
        plan.at.len() + plan.next.values().map(VecDeque::len).sum::<usize>()
    }

    /// Every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.plan).calls.clone()
    }

    /// How many calls of a name there were.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        lock(&self.plan)
            .calls
            .iter()
            .filter(|call| call.name == name)
            .count()
    }

    /// Waits until a call hangs.
    pub async fn hung(&self) {
        self.hangs.notified().await;
    }

    /// Lets calls that wait answer.
    pub fn resume(&self) {
        self.resumed.notify_waiters();
    }

    /// Notes a call, does its work, and makes the planned trouble.
    pub(super) async fn run<T>(
        &self,
        name: &'static str,
        subject: &str,
        work: impl FnOnce() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let fault = self.begin(name, subject);
        match fault {
            None => work(),
            Some(Fault::Refused(kind)) => Err(PortError::new(kind, format!("{name} is refused."))),
            Some(Fault::AnswerLost) => {
                work()?;
                let kind = PortErrorKind::Unavailable;
                Err(PortError::new(
                    kind,
                    format!("The answer of {name} is lost."),
                ))
            }
            Some(Fault::HangsBefore) => self.hang().await,
            Some(Fault::HangsAfter) => {
                let _ = work();
                self.hang().await
            }
            Some(Fault::Waits) => {
                let answer = work();
                let resumed = self.resumed.notified();
                self.hangs.notify_one();
                resumed.await;
                answer
            }
            Some(Fault::WaitsBefore) => {
                let resumed = self.resumed.notified();
                self.hangs.notify_one();
                resumed.await;
                work()
            }
        }
    }

    fn begin(&self, name: &'static str, subject: &str) -> Option<Fault> {
        let mut plan = lock(&self.plan);
        let place = plan.calls.len();
        plan.calls.push(Call {
            name,
            subject: subject.to_owned(),
        });
        let here = plan.at.remove(&place);
        here.or_else(|| plan.next.get_mut(name).and_then(VecDeque::pop_front))
    }

    async fn hang<T>(&self) -> T {
        self.hangs.notify_one();
        std::future::pending().await
    }
}
