//! The path itself: pushes, promotions, decisions, rollbacks and holds.

use domain::actor::Role;
use domain::deployment::DeploymentState as S;
use domain::environment::Environment;

use super::{At, Deployed, EXPIRES, Model, UNUSED, Version};
use crate::machine::act::{Found, Person, Said};

/// Who may promote, and who may roll back, cancel and lift holds.
const PROMOTES: &[Role] = &[Role::Developer, Role::Operator];
const OPERATES: &[Role] = &[Role::Operator];

impl Model {
    pub(super) fn push(&mut self, found: Found) -> Said {
        let (number, version) = (self.next(), self.versions.len());
        self.versions.push(Version { found, held: false });
        self.reports
            .extend(found.failing().map(|gate| (number, gate)));
        let Some(leans) = self.carried_by(version, Environment::NonProd) else {
            self.states.insert(number, S::Cleaned);
            return Said::Done;
        };
        if let Some(before) = self.live(Environment::NonProd) {
            self.states.insert(before, S::Superseded);
        }
        self.states.insert(number, S::Live);
        let live = self.deployed(number, version, leans, vec![]);
        self.non_prod = Some(live);
        if self.is_proven(version) {
            self.ask(version, None);
        }
        Said::Done
    }

    fn deployed(
        &mut self,
        number: i64,
        version: usize,
        leans: Vec<usize>,
        parties: Vec<Person>,
    ) -> Deployed {
        self.leaning.extend(leans.iter().map(|w| (number, *w)));
        Deployed {
            number,
            version,
            leans,
            parties,
            let_through: false,
        }
    }

    /// Every gate of production is satisfied, now.
    fn is_proven(&self, version: usize) -> bool {
        let doubtful = self
            .versions
            .get(version)
            .is_none_or(|v| v.found == Found::Doubt);
        !doubtful && self.carried_by(version, Environment::Production).is_some()
    }

    /// A promotion of what is live in non-prod, which takes the place of one that waits for people or before that.
    fn ask(&mut self, version: usize, requester: Option<Person>) {
        if let Some((given_up, _)) = self.asked.take() {
            self.states.insert(given_up.number, S::Cleaned);
        }
        let number = self.next();
        let leans = self.carried_by(version, Environment::Production);
        let leans = leans.unwrap_or_default();
        let earlier = self.non_prod.iter().flat_map(|live| live.leans.iter());
        let waived = leans.iter().chain(earlier).copied().collect::<Vec<_>>();
        let mut parties = self.givers(&waived);
        parties.push(Person::Author);
        parties.extend(requester);
        let promoted = self.deployed(number, version, leans, parties);
        if self.is_owing() {
            self.states.insert(number, S::Queued);
            self.asked = Some((promoted, At::Queue));
        } else {
            self.ask_people(promoted);
        }
    }

    /// The workers come to ask people, unless a waiver ended meanwhile.
    fn ask_people(&mut self, promoted: Deployed) {
        if !self.all_stand(&promoted.leans) {
            self.states.insert(promoted.number, S::Cleaned);
            return;
        }
        self.states.insert(promoted.number, S::AwaitingApproval);
        self.ever_asked.insert(promoted.number);
        let at = At::People {
            until: self.minutes + EXPIRES,
            unsure: self.unsure,
        };
        self.asked = Some((promoted, at));
    }

    /// Lets go on what a late post-review held up.
    pub(super) fn let_go_on(&mut self) {
        if let Some((ready, _)) = self.at_the_door.take() {
            self.go_live(ready);
        }
        if let Some((queued, _)) = self.asked.take_if(|(_, at)| *at == At::Queue) {
            self.ask_people(queued);
        }
    }

    /// The promotion that people are asked about.
    pub(super) fn before_people(&self) -> Option<&Deployed> {
        let asked = self.asked.as_ref();
        let asked = asked.filter(|(_, at)| matches!(at, At::People { .. }));
        asked.map(|(promoted, _)| promoted)
    }

    /// The newest promotion that is under way.
    pub(super) fn under_way(&self) -> Option<&(Deployed, At)> {
        let all = [&self.asked, &self.at_the_door].into_iter().flatten();
        all.max_by_key(|(promoted, _)| promoted.number)
    }

    /// How a decision of this person is answered: what is asked, or else the newest deployment.
    pub(super) fn may_decide(&self, by: Person) -> Said {
        let asked = self.before_people();
        let about = asked.map(|asked| asked.number).or_else(|| self.newest());
        if !about.is_some_and(|number| self.ever_asked.contains(&number)) {
            return Said::Conflict;
        }
        if !by.standing().contains(&Role::Approver) {
            return Said::Forbidden;
        }
        match asked {
            None => Said::Conflict,
            Some(asked) if asked.parties.contains(&by) => Said::Excluded,
            Some(_) => Said::Done,
        }
    }

    /// Of the two who approve at once, both may or neither.
    pub(super) fn pair_is_alike(&self) -> bool {
        self.may_decide(Person::First) == self.may_decide(Person::Second)
    }

    pub(super) fn approve(&mut self, by: Person) -> Said {
        let said = self.may_decide(by);
        if said != Said::Done {
            return said;
        }
        if let Some((approved, _)) = self.asked.take() {
            if self.is_owing() {
                self.states.insert(approved.number, S::Deploying);
                let until = self.minutes + UNUSED;
                self.at_the_door = Some((approved, At::Door { until }));
            } else {
                self.go_live(approved);
            }
        }
        said
    }

    pub(super) fn reject(&mut self, by: Person) -> Said {
        let said = self.may_decide(by);
        if said == Said::Done
            && let Some((rejected, _)) = self.asked.take()
        {
            self.states.insert(rejected.number, S::Cleaned);
        }
        said
    }

    /// Deploys and verifies what may go on, unless something came between.
    pub(super) fn go_live(&mut self, ready: Deployed) {
        let before = self.live(Environment::Production);
        let overtaken = before.is_some_and(|number| number > ready.number);
        if overtaken || self.is_held(ready.version) || !self.all_stand(&ready.leans) {
            self.states.insert(ready.number, S::Cleaned);
            return;
        }
        if let Some(before) = before {
            self.states.insert(before, S::Superseded);
        }
        self.states.insert(ready.number, S::Live);
        self.production = Some(ready.clone());
        self.past.push(ready);
    }

    pub(super) fn cancel(&mut self, by: Person) -> Said {
        if self.newest().is_none() {
            return Said::Conflict;
        }
        if !self.has(by, OPERATES) {
            return Said::Forbidden;
        }
        let Some(number) = self.under_way().map(|(promoted, _)| promoted.number) else {
            return Said::Conflict;
        };
        for place in [&mut self.asked, &mut self.at_the_door] {
            place.take_if(|(promoted, _)| promoted.number == number);
        }
        self.states.insert(number, S::Cleaned);
        Said::Done
    }

    pub(super) fn promote(&mut self, by: Person) -> Said {
        let Some(version) = self.non_prod.as_ref().map(|live| live.version) else {
            return Said::Conflict;
        };
        if !self.has(by, PROMOTES) {
            return Said::Forbidden;
        }
        if self.is_owing() {
            return Said::Owed;
        }
        let again = [&self.asked, &self.at_the_door]
            .into_iter()
            .flatten()
            .any(|(promoted, _)| promoted.version == version);
        if again || self.is_held(version) || !self.is_proven(version) {
            return Said::Conflict;
        }
        self.ask(version, Some(by));
        Said::Done
    }

    fn target(&self) -> Option<Deployed> {
        let live = self.production.as_ref()?;
        let earlier = self.past.iter().rev().find(|past| {
            past.number < live.number
                && past.version != live.version
                && !self.is_held(past.version)
                && self.states.get(&past.number) != Some(&S::RolledBack)
        });
        earlier.cloned()
    }

    pub(super) fn roll_back(&mut self, by: Person) -> Said {
        let Some((left, version)) = self.production.as_ref().map(|l| (l.number, l.version)) else {
            return Said::Conflict;
        };
        if !self.has(by, OPERATES) {
            return Said::Forbidden;
        }
        let Some(target) = self.target() else {
            return Said::Conflict;
        };
        let restored = self.deployed(self.next(), target.version, target.leans, target.parties);
        self.states.insert(left, S::RolledBack);
        self.states.insert(restored.number, S::Live);
        if let Some(version) = self.versions.get_mut(version) {
            version.held = true;
        }
        self.production = Some(restored.clone());
        self.past.push(restored);
        Said::Done
    }

    pub(super) fn lift_hold(&mut self, by: Person) -> Said {
        if !self.has(by, OPERATES) {
            return Said::Forbidden;
        }
        match self.versions.iter_mut().find(|version| version.held) {
            Some(version) => {
                version.held = false;
                Said::Done
            }
            None => Said::Conflict,
        }
    }
}
