//! What the rows must say, as lines that can be compared.

use domain::environment::Environment;

use super::{At, Model};

impl Model {
    /// Every fact, in order.
    pub(crate) fn facts(&self) -> Vec<String> {
        let mut facts: Vec<String> = self.of_deployments().collect();
        facts.extend(self.of_approvals());
        facts.extend(self.of_waivers());
        facts.extend(self.of_people());
        facts.sort_unstable();
        facts
    }

    fn of_deployments(&self) -> impl Iterator<Item = String> {
        let states = self.states.iter();
        let states = states.map(|(number, state)| format!("deployment {number} {state}"));
        let live = [Environment::NonProd, Environment::Production].into_iter();
        let live = live.filter_map(|environment| {
            let number = self.live(environment)?;
            Some(format!("live {environment} {number}"))
        });
        let versions = self.versions.iter().enumerate().map(|(patch, version)| {
            let word = if version.held { "held" } else { "free" };
            format!("version 2.3.{patch} {word}")
        });
        states.chain(live).chain(versions)
    }

    fn of_approvals(&self) -> impl Iterator<Item = String> {
        let under_way = [&self.asked, &self.at_the_door].into_iter().flatten();
        under_way.filter_map(|(promoted, at)| {
            let word = match at {
                At::Queue => return None,
                At::People { .. } => "open",
                At::Door { .. } => "approved",
            };
            Some(format!("approval {} {word}", promoted.number))
        })
    }

    fn of_waivers(&self) -> impl Iterator<Item = String> {
        let given = (1..).zip(&self.waivers).map(|(number, waiver)| {
            let (environment, gate) = (waiver.environment, waiver.gate);
            let word = if waiver.revoked { "revoked" } else { "given" };
            let giver = waiver.giver.name();
            format!("waiver {number} {environment} {gate} {word} by {giver}")
        });
        let leaning = self.leaning.iter();
        let leaning = leaning.map(|(number, at)| format!("leaning {number} on {}", at + 1));
        let lacking = self.lacking().map(|number| format!("lacking {number}"));
        given.chain(leaning).chain(lacking)
    }

    fn of_people(&self) -> impl Iterator<Item = String> {
        let roles = (1..).zip(&self.elevations).map(|(number, elevation)| {
            let (who, role, state) = (elevation.who.name(), elevation.role, elevation.state);
            format!("elevation {number} {who} {role} {state}")
        });
        let reviews = (1..).zip(&self.reviews).map(|(number, review)| {
            let (deployment, state) = (review.deployment, review.state);
            format!("review {number} of {deployment} {state}")
        });
        roles.chain(reviews)
    }
}
