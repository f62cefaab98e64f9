//! Who held which role when, as the events of the log say it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::held::{Held, place, role};
use super::{Asked, Told, Via, text};
use crate::actor::Role;
use crate::approval::{Account, DecisionVerdict, persons};
use crate::event::AuditAction;
use crate::id::UserId;
use crate::view::segregation::{Holding, Place};

#[derive(Debug, Default)]
struct Person {
    name: Option<String>,
    email: Option<String>,
    /// Every address, lower case.
    emails: BTreeSet<String>,
    left: Option<DateTime<Utc>>,
    left_by: Option<u64>,
}

#[derive(Debug)]
struct StandIn {
    absent: String,
    person: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    begun: u64,
    ended: Option<u64>,
}

/// What the log says of people, roles and teams.
#[derive(Debug, Default)]
pub(super) struct Known {
    people: BTreeMap<String, Person>,
    /// Which person, counted over all accounts, an account is of.
    accounts: BTreeMap<String, usize>,
    pub(super) held: Vec<Held>,
    /// Number, person, role and team of a request.
    requests: BTreeMap<String, (String, Role, Place)>,
    stand_ins: BTreeMap<String, StandIn>,
    /// The team of an agent.
    teams: BTreeMap<String, String>,
    /// Whose tokens, and whose service accounts.
    tokens: BTreeMap<String, String>,
    owners: BTreeMap<String, String>,
    set_up: Option<u64>,
}

/// Takes in what one event says.
type Reader = fn(&mut Known, &Told);

/// What an event of each action says.
const READERS: &[(AuditAction, Reader)] = &[
    (AuditAction::SetUp, Known::set_up),
    (AuditAction::UserCreated, Known::created),
    (AuditAction::UserChanged, Known::renamed),
    (AuditAction::GitAddressLinked, Known::renamed),
    (AuditAction::RoleGranted, Known::granted),
    (AuditAction::RoleTakenAway, Known::taken),
    (AuditAction::UserDeactivated, Known::left),
    (AuditAction::UserReactivated, Known::came_back),
    (AuditAction::ElevationRequested, Known::asked),
    (AuditAction::ElevationDecided, Known::elevated),
    (AuditAction::ElevationEnded, Known::elevation_ended),
    (AuditAction::StandInNamed, Known::stand_in_named),
    (AuditAction::StandInEnded, Known::stand_in_ended),
    (AuditAction::TokenCreated, Known::token_made),
    (AuditAction::ServiceAccountMade, Known::account_made),
    (AuditAction::AgentOnboarded, Known::onboarded),
];

impl Known {
    pub(super) fn read(history: &[Told], acts: &[Told], asked: &Asked) -> Self {
        let mut known = Self::default();
        for event in history {
            known.take(event);
        }
        for event in history.iter().chain(acts) {
            if event.actor_kind == "user" {
                let name = Some(event.actor_name.clone());
                known.person(&event.actor_id).name = name;
            }
        }
        known.join_accounts();
        known.stand_in(asked);
        known
    }

    fn person(&mut self, id: &str) -> &mut Person {
        self.people.entry(id.to_owned()).or_default()
    }

    fn take(&mut self, event: &Told) {
        let reads = READERS.iter().find(|(action, _)| *action == event.action);
        if let Some((_, read)) = reads {
            read(self, event);
        }
    }

    fn set_up(&mut self, event: &Told) {
        self.set_up = Some(event.index);
    }

    fn left(&mut self, event: &Told) {
        let person = self.person(&event.object_id);
        (person.left, person.left_by) = (Some(event.at), Some(event.index));
    }

    fn came_back(&mut self, event: &Told) {
        let person = self.person(&event.object_id);
        (person.left, person.left_by) = (None, None);
    }

    fn stand_in_ended(&mut self, event: &Told) {
        if let Some(found) = self.stand_ins.get_mut(&event.object_id) {
            found.until = found.until.min(event.at);
            found.ended = Some(event.index);
        }
    }

    fn token_made(&mut self, event: &Told) {
        let (token, person) = (event.object_id.clone(), event.actor_id.clone());
        self.tokens.insert(token, person);
    }

    fn account_made(&mut self, event: &Told) {
        if let Some(owner) = event.detail("owner") {
            let slug = event.object_id.clone();
            self.owners.insert(slug, owner.to_owned());
        }
    }

    fn onboarded(&mut self, event: &Told) {
        if let Some(team) = event.detail("team") {
            self.teams.insert(event.object_id.clone(), team.to_owned());
        }
    }

    fn renamed(&mut self, event: &Told) {
        self.addresses(event, &["email", "before", "git_email"]);
    }

    fn addresses(&mut self, event: &Told, keys: &[&str]) {
        let found = keys.iter().filter_map(|key| event.detail(key));
        let found: Vec<String> = found.map(str::to_lowercase).collect();
        let email = event.detail("email").map(str::to_owned);
        let person = self.person(&event.object_id);
        person.emails.extend(found);
        person.email = email.or_else(|| person.email.take());
    }

    /// A person with their first role. Older versions did not say in which team; the first administrator's was every team, and
    /// the event before says that it was the first.
    fn created(&mut self, event: &Told) {
        self.addresses(event, &["email"]);
        let Some(role) = role(event) else { return };
        let first = self.set_up.is_some_and(|at| at + 1 == event.index);
        let place = match event.detail("team") {
            Some(team) => place(team),
            None if first => Place::EveryTeam,
            None => Place::NotKnown,
        };
        self.begin(event, role, place);
    }

    fn granted(&mut self, event: &Told) {
        let Some(role) = role(event) else { return };
        let place = event.detail("team").map_or(Place::NotKnown, place);
        self.begin(event, role, place);
    }

    fn begin(&mut self, event: &Told, role: Role, place: Place) {
        let provider = event.detail("provider");
        let (via, by) = match provider {
            Some(provider) => (Via::Provider, provider.to_owned()),
            None => (Via::Person, event.actor_name.clone()),
        };
        self.held.push(Held {
            person: event.object_id.clone(),
            role,
            place,
            via,
            by: Some(by),
            from: Some(event.at),
            until: None,
            begun: Some(event.index),
            ended: None,
            elevation: None,
        });
    }

    /// Only what was held can be taken, so a first role of which the team was not known is that one where no other is.
    fn taken(&mut self, event: &Told) {
        let Some(role) = role(event) else { return };
        let at = event.detail("team").map_or(Place::NotKnown, place);
        let provider = event.detail("provider");
        let open = |one: &Held| {
            one.person == event.object_id
                && one.role == role
                && one.until.is_none()
                && one.elevation.is_none()
        };
        let by_provider = |one: &Held| match provider {
            Some(id) => one.via == Via::Provider && one.by.as_deref() == Some(id),
            None => one.via == Via::Person,
        };
        let exact = |one: &Held| open(one) && one.place == at;
        let unknown = |one: &Held| open(one) && one.place == Place::NotKnown;
        let places = [
            self.held
                .iter()
                .position(|one| exact(one) && by_provider(one)),
            self.held.iter().position(exact),
            self.held.iter().position(unknown),
        ];
        match places.into_iter().flatten().next() {
            Some(found) => {
                if let Some(one) = self.held.get_mut(found) {
                    one.place = at;
                    one.until = Some(event.at);
                    one.ended = Some(event.index);
                }
            }
            // It was held, and the log does not say since when.
            None => self.held.push(Held {
                person: event.object_id.clone(),
                role,
                place: at,
                via: Via::NotKnown,
                by: None,
                from: None,
                until: Some(event.at),
                begun: None,
                ended: Some(event.index),
                elevation: None,
            }),
        }
    }

    fn asked(&mut self, event: &Told) {
        let Some(role) = role(event) else { return };
        let place = event.detail("team").map_or(Place::NotKnown, place);
        let request = (event.actor_id.clone(), role, place);
        self.requests.insert(event.object_id.clone(), request);
    }

    fn elevated(&mut self, event: &Told) {
        let given = event.detail("verdict") == Some(DecisionVerdict::Approve.as_str());
        let Some((person, role, place)) = self.requests.get(&event.object_id).filter(|_| given)
        else {
            return;
        };
        self.held.push(Held {
            person: person.clone(),
            role: *role,
            place: place.clone(),
            via: Via::Elevation,
            by: Some(event.actor_name.clone()),
            from: Some(event.at),
            until: event.moment("until"),
            begun: Some(event.index),
            ended: None,
            elevation: Some(event.object_id.clone()),
        });
    }

    fn elevation_ended(&mut self, event: &Told) {
        let of = Some(&event.object_id);
        let mut found = self.held.iter_mut();
        if let Some(one) = found.find(|one| one.elevation.as_ref() == of) {
            // One that the clock ended is written down later than it ended.
            one.until = Some(one.until.map_or(event.at, |until| until.min(event.at)));
            one.ended = Some(event.index);
        }
    }

    fn stand_in_named(&mut self, event: &Told) {
        let (Some(absent), Some(person)) = (event.detail("absent"), event.detail("stand_in"))
        else {
            return;
        };
        let times = event.moment("begins_at").zip(event.moment("ends_at"));
        let Some((from, until)) = times else { return };
        let named = StandIn {
            absent: absent.to_owned(),
            person: person.to_owned(),
            from,
            until,
            begun: event.index,
            ended: None,
        };
        self.stand_ins.insert(event.object_id.clone(), named);
    }

    /// Accounts that share an address are one person.
    fn join_accounts(&mut self) {
        let (mut ids, mut accounts) = (Vec::new(), Vec::new());
        for (id, person) in &self.people {
            if let Ok(user) = id.parse::<UserId>() {
                ids.push(id.clone());
                accounts.push(Account {
                    id: user,
                    emails: person.emails.iter().cloned().collect(),
                });
            }
        }
        for (number, places) in persons(&accounts).into_iter().enumerate() {
            for place in places {
                if let Some(id) = ids.get(place) {
                    self.accounts.insert(id.clone(), number);
                }
            }
        }
    }

    /// What stand-ins could decide: what the absent could, while they stood in.
    fn stand_in(&mut self, asked: &Asked) {
        let mut more = Vec::new();
        for named in self.stand_ins.values().filter(|one| one.from < asked.to) {
            let theirs = self.held.iter().filter(|one| {
                one.person == named.absent
                    && one.role == Role::Approver
                    && matches!(one.via, Via::Person | Via::Provider | Via::NotKnown)
            });
            for one in theirs {
                let from = one.from.map_or(named.from, |from| from.max(named.from));
                let until = one
                    .until
                    .map_or(named.until, |until| until.min(named.until));
                if from < until {
                    more.push(Held {
                        person: named.person.clone(),
                        role: Role::Approver,
                        place: one.place.clone(),
                        via: Via::StandIn,
                        by: Some(self.name(&named.absent)),
                        from: Some(from),
                        until: Some(until),
                        begun: Some(named.begun),
                        ended: named.ended,
                        elevation: None,
                    });
                }
            }
        }
        self.held.extend(more);
    }

    /// The team of an agent, as its onboarding says it.
    pub(super) fn team_of(&self, agent: &str) -> Option<&str> {
        self.teams.get(agent).map(String::as_str)
    }

    /// What a person is called: as they were when they acted last, else their address.
    pub(super) fn name(&self, id: &str) -> String {
        let person = self.people.get(id);
        let named = person.and_then(|person| person.name.as_ref().or(person.email.as_ref()));
        named.map_or_else(|| id.to_owned(), Clone::clone)
    }

    /// The account of the person behind an actor: their own, that of who made the token, or of who answers for the service
    /// account.
    pub(super) fn behind<'k>(&'k self, event: &'k Told) -> Option<&'k str> {
        match event.actor_kind.as_str() {
            "user" => Some(&event.actor_id),
            "token" => {
                let account = || event.actor_name.strip_suffix(" (service account)");
                let made = self.tokens.get(&event.actor_id);
                made.or_else(|| self.owners.get(account()?))
                    .map(String::as_str)
            }
            _ => None,
        }
    }

    /// Are two accounts of one person?
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        let number = |id: &str| self.accounts.get(id);
        one == other || number(one).zip(number(other)).is_some_and(|(a, b)| a == b)
    }

    /// Is it an address of this person, under any account?
    pub(super) fn has_address(&self, id: &str, email: &str) -> bool {
        let email = email.to_lowercase();
        let mut all = self.people.iter();
        all.any(|(other, person)| person.emails.contains(&email) && self.same(id, other))
    }

    /// The event by which a person left for good, if it came after another.
    pub(super) fn left_after(&self, id: &str, index: u64) -> Option<u64> {
        let left = self.people.get(id)?.left_by;
        left.filter(|left| *left > index)
    }

    /// Roles of approvers and administrators, and every role for a time, in the period and team.
    pub(super) fn could(&self, asked: &Asked) -> Vec<Holding> {
        let wanted = |one: &&Held| {
            let kind = matches!(one.role, Role::Approver | Role::Administrator)
                || one.via == Via::Elevation;
            let here = match (&asked.team, &one.place) {
                (None, _) | (Some(_), Place::EveryTeam | Place::NotKnown) => true,
                (Some(team), Place::Team(slug)) => team == slug,
            };
            let then = one.from.is_none_or(|from| from < asked.to)
                && one.until.is_none_or(|until| until > asked.from);
            kind && here && then
        };
        let view = |one: &Held| Holding {
            person: self.name(&one.person),
            role: one.role,
            place: one.place.clone(),
            via: one.via,
            by: one.by.clone(),
            from: one.from.map(text),
            until: one.until.map(text),
            begun: one.begun,
            ended: one.ended,
            left: self.people.get(&one.person).and_then(|p| p.left).map(text),
        };
        let mut rows: Vec<Holding> = self.held.iter().filter(wanted).map(view).collect();
        rows.sort_by(|a, b| {
            (&a.place, a.role, &a.person, a.begun).cmp(&(&b.place, b.role, &b.person, b.begun))
        });
        rows
    }
}
