//! The supervisor's loop. Owns watching one agent after the other, answering the control socket, enforcing the
//! measured limits and taking the whole process tree down; refuses to leave a process behind when it ends by itself.

use std::io;
use std::time::Duration;

use rustix::process::{Signal, WaitOptions, getpid, wait};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpStream, UnixStream};
use tokio::signal::unix::{self, SignalKind};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::agent::{self, Agent};
use super::restarts::Restarts;
use super::{Charge, chain, need, note};
use crate::agent_log::{self, AgentLog};
use crate::control::{self, Control, Reply, Request};
use crate::error::SuperviseError;
use crate::launch::NOT_STARTED;
use crate::state::{Exit, ExitReason, RuntimeState, StoredState};
use crate::system::now_ms;
use crate::{ports, processes};

/// From the request to stop until SIGKILL.
const GRACE: Duration = Duration::from_secs(5);
/// How long to look for survivors of SIGKILL.
const KILL_PATIENCE: Duration = Duration::from_secs(5);
const MEASURE_EVERY: Duration = Duration::from_millis(500);
const PROBE_EVERY: Duration = Duration::from_millis(50);
/// Log lines kept with a crash.
const LAST_LINES: usize = 20;

/// Why watching ended.
enum Ended {
    /// The agent is gone; whether it comes back is for the restart rule.
    Agent(Exit),
    /// Somebody asked to stop and waits for the reply.
    Stop(UnixStream),
    /// This process was told to end (machine shutdown, an operator).
    Terminated,
}

pub(crate) struct Supervisor {
    charge: Charge,
    log: AgentLog,
    control: Control,
    children: unix::Signal,
    terminate: unix::Signal,
    /// Caught so that they do not end this process, and otherwise ignored.
    _ignored: [unix::Signal; 2],
}

impl Supervisor {
    pub(crate) fn new(
        charge: Charge,
        log: AgentLog,
        control: Control,
    ) -> Result<Self, SuperviseError> {
        let catch = |kind| need("catch signals", unix::signal(kind));
        Ok(Self {
            charge,
            log,
            control,
            children: catch(SignalKind::child())?,
            terminate: catch(SignalKind::terminate())?,
            _ignored: [
                catch(SignalKind::hangup())?,
                catch(SignalKind::interrupt())?,
            ],
        })
    }

    /// Supervises until the runtime is stopped, has crashed for good, or this process is told to end.
    pub(crate) async fn run(mut self) -> Result<(), SuperviseError> {
        let limits = self.charge.spec.limits.clone();
        let mut restarts = Restarts::new(
            limits.max_restarts,
            Duration::from_secs(limits.restart_window_s),
        );
        loop {
            let began = Instant::now();
            let ended = match self.start_agent() {
                Ok(agent) => self.watch(agent).await,
                Err(error) => {
                    note(&chain(&error));
                    Ended::Agent(exit(ExitReason::NotStarted, None))
                }
            };
            let exit = match ended {
                Ended::Agent(exit) => exit,
                Ended::Stop(caller) => return self.end(RuntimeState::Stopped, Some(caller)).await,
                Ended::Terminated => return self.end(RuntimeState::Lost, None).await,
            };
            note(&format!("the agent is gone: {exit}"));
            self.charge.state.agent = None;
            self.charge.state.last_exit = Some(exit);
            self.charge.state.last_lines =
                agent_log::tail(&self.charge.folder.agent_log(), LAST_LINES).unwrap_or_default();
            let Some(wait) = restarts.after(Instant::now().into_std(), began.elapsed()) else {
                note("it ended too often: giving up");
                return self.end(RuntimeState::Crashed, None).await;
            };
            self.charge.state.state = RuntimeState::Restarting;
            self.save();
            match self.pause(wait).await {
                Some(Ended::Stop(caller)) => {
                    return self.end(RuntimeState::Stopped, Some(caller)).await;
                }
                Some(Ended::Terminated) => return self.end(RuntimeState::Lost, None).await,
                Some(Ended::Agent(_)) | None => {}
            }
            self.charge.state.restarts = self.charge.state.restarts.saturating_add(1);
            self.keep_port();
        }
    }

    fn start_agent(&mut self) -> Result<Agent, SuperviseError> {
        self.charge.state.state = RuntimeState::Starting;
        let agent = agent::start(&self.charge)?;
        self.charge.state.agent = Some(agent.id);
        self.charge.state.started_at_ms = Some(now_ms());
        self.save();
        Ok(agent)
    }

    /// Follows one run of the agent to its end, whatever that is. Afterwards no process of it is left.
    async fn watch(&mut self, mut agent: Agent) -> Ended {
        let start_by = agent.started + Duration::from_secs(self.charge.spec.limits.start_timeout_s);
        let (mut measure_at, mut probe_at) = (agent.started, agent.started);
        let mut buffer = vec![0; 8192];
        loop {
            if agent.status.is_some() {
                return self.gone(agent, ExitReason::Ended).await;
            }
            let starting = self.charge.state.state == RuntimeState::Starting;
            tokio::select! {
                _ = self.children.recv() => self.reap(&mut agent),
                _ = self.terminate.recv() => {
                    self.take_down(&mut agent, GRACE).await;
                    return Ended::Terminated;
                }
                Ok(caller) = self.control.next() => {
                    if let Some(caller) = self.answer(caller).await {
                        self.take_down(&mut agent, GRACE).await;
                        self.charge.state.last_exit = Some(exit(ExitReason::Stopped, agent.status));
                        return Ended::Stop(caller);
                    }
                }
                read = read_output(&mut agent.output, &mut buffer) => self.keep_output(&mut agent, read, &buffer),
                () = sleep_until(measure_at) => {
                    measure_at = Instant::now() + MEASURE_EVERY;
                    // Also what ended before signals were caught, as the sandbox's probe.
                    self.reap(&mut agent);
                    if let Some(reason) = self.over_limit() {
                        return self.gone(agent, reason).await;
                    }
                }
                () = sleep_until(probe_at), if starting => {
                    probe_at = Instant::now() + PROBE_EVERY;
                    if self.listens().await {
                        self.charge.state.state = RuntimeState::Running;
                        self.save();
                    } else if Instant::now() >= start_by {
                        return self.gone(agent, ExitReason::StartTimeout).await;
                    }
                }
            }
        }
    }

    /// Clears up after an agent that ended or has to.
    async fn gone(&mut self, mut agent: Agent, reason: ExitReason) -> Ended {
        let early = self.charge.state.state == RuntimeState::Starting;
        self.take_down(&mut agent, Duration::ZERO).await;
        let mut exit = exit(reason, agent.status);
        if early && reason == ExitReason::Ended && exit.code == Some(NOT_STARTED) {
            exit.reason = ExitReason::NotStarted;
        }
        Ended::Agent(exit)
    }

    /// Waits before the next start. `None` when the time is over.
    async fn pause(&mut self, wait: Duration) -> Option<Ended> {
        let until = Instant::now() + wait;
        loop {
            tokio::select! {
                () = sleep_until(until) => return None,
                _ = self.children.recv() => self.reap_strangers(),
                _ = self.terminate.recv() => return Some(Ended::Terminated),
                Ok(caller) = self.control.next() => {
                    if let Some(caller) = self.answer(caller).await {
                        return Some(Ended::Stop(caller));
                    }
                }
            }
        }
    }

    async fn end(
        mut self,
        state: RuntimeState,
        caller: Option<UnixStream>,
    ) -> Result<(), SuperviseError> {
        self.charge.state.state = state;
        self.charge.state.agent = None;
        self.save();
        if let Some(mut caller) = caller {
            control::reply(&mut caller, Reply { state, pid: None }).await;
        }
        Ok(())
    }

    /// Answers everything but the request to stop, which is handed back with its caller.
    async fn answer(&self, mut caller: UnixStream) -> Option<UnixStream> {
        match control::read_request(&mut caller).await? {
            Request::Stop => Some(caller),
            Request::Status => {
                let pid = self.charge.state.agent.map(|agent| agent.pid);
                control::reply(
                    &mut caller,
                    Reply {
                        state: self.charge.state.state,
                        pid,
                    },
                )
                .await;
                None
            }
        }
    }

    /// Ends every process below this one: asks first if there is a grace time, then kills until none is left.
    async fn take_down(&mut self, agent: &mut Agent, grace: Duration) {
        let me = getpid().as_raw_nonzero().get();
        let mut buffer = vec![0; 8192];
        let asked = if grace.is_zero() {
            0
        } else {
            self.ask_to_end(me)
        };
        let grace_over = Instant::now() + if asked == 0 { Duration::ZERO } else { grace };
        let give_up = grace_over + KILL_PATIENCE;
        loop {
            self.reap(agent);
            let left = processes::descendants(me);
            let now = Instant::now();
            // A process with threads can look dead before it can be collected, hence both.
            if (left.is_empty() && agent.status.is_some()) || now >= give_up {
                break;
            }
            if now >= grace_over {
                left.iter()
                    .for_each(|(stat, _)| processes::signal(stat.pid, Signal::KILL));
            }
            // Keep reading: an agent that blocks on its output cannot end in good order.
            if let Ok(read) = timeout(
                Duration::from_millis(10),
                read_output(&mut agent.output, &mut buffer),
            )
            .await
            {
                self.keep_output(agent, read, &buffer);
            }
        }
        self.reap(agent);
        self.drain(agent, &mut buffer).await;
    }

    /// The sandbox's own processes are left out: they would end at once, and take the agent with them by SIGKILL.
    fn ask_to_end(&self, me: i32) -> usize {
        let tree = processes::descendants(me);
        let agents = tree
            .iter()
            .filter(|(_, depth)| *depth > self.charge.sandbox.layers());
        agents
            .map(|(stat, _)| processes::signal(stat.pid, Signal::TERM))
            .count()
    }

    /// Takes what is left in the pipe, without waiting for more.
    async fn drain(&mut self, agent: &mut Agent, buffer: &mut [u8]) {
        for _ in 0..64 {
            match timeout(
                Duration::from_millis(1),
                read_output(&mut agent.output, buffer),
            )
            .await
            {
                Ok(read) => self.keep_output(agent, read, buffer),
                Err(_) => return,
            }
            if agent.output.is_none() {
                return;
            }
        }
    }

    fn keep_output(&mut self, agent: &mut Agent, read: io::Result<usize>, buffer: &[u8]) {
        match read {
            Ok(0) | Err(_) => agent.output = None,
            Ok(count) => {
                let bytes = buffer.get(..count).unwrap_or_default();
                if let Err(error) = self.log.write(bytes) {
                    // A full disk must not take the agent down: its words are lost, nothing else.
                    note(&format!("cannot write the agent's log: {error}"));
                }
            }
        }
    }

    /// Collects ended processes: the agent, and orphans that came to us.
    fn reap(&self, agent: &mut Agent) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid.as_raw_nonzero().get() == agent.id.pid
                && !status.stopped()
                && !status.continued()
            {
                agent.status = Some(status);
            }
        }
    }

    fn reap_strangers(&self) {
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
    }

    fn over_limit(&self) -> Option<ExitReason> {
        let limits = &self.charge.spec.limits;
        let usage = processes::usage_below(getpid().as_raw_nonzero().get(), limits.memory_bytes());
        if usage.memory > limits.memory_bytes() {
            return Some(ExitReason::MemoryLimit);
        }
        let own = u64::try_from(self.charge.sandbox.layers()).unwrap_or(0);
        (usage.tasks > limits.max_processes.saturating_add(own)).then_some(ExitReason::ProcessLimit)
    }

    async fn listens(&self) -> bool {
        let connect = TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, self.charge.state.port));
        matches!(
            timeout(Duration::from_millis(200), connect).await,
            Ok(Ok(_))
        )
    }

    fn keep_port(&mut self) {
        let (folder, state) = (&self.charge.folder, &self.charge.state);
        let record = |port| {
            Ok(folder.write_state(&StoredState {
                port,
                ..state.clone()
            })?)
        };
        match ports::claim(folder, Some(state.port), record) {
            Ok(port) => self.charge.state.port = port,
            Err(error) => note(&chain(&error)),
        }
    }

    /// A full disk must not take the agent down either.
    fn save(&self) {
        if let Err(error) = self.charge.folder.write_state(&self.charge.state) {
            note(&chain(&error));
        }
    }
}

/// Never ready after the end of the output.
async fn read_output(
    output: &mut Option<tokio::net::unix::pipe::Receiver>,
    buffer: &mut [u8],
) -> io::Result<usize> {
    match output {
        Some(output) => output.read(buffer).await,
        None => {
            sleep(Duration::from_secs(3600)).await;
            Ok(0)
        }
    }
}

fn exit(reason: ExitReason, status: Option<rustix::process::WaitStatus>) -> Exit {
    Exit {
        reason,
        code: status.and_then(rustix::process::WaitStatus::exit_status),
        signal: status.and_then(rustix::process::WaitStatus::terminating_signal),
        at_ms: now_ms(),
    }
}
