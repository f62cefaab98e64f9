//! Judges that behave, well or badly, in the process of the test.

use async_trait::async_trait;
use control_plane::ports::PortError;
use evaluation::model_judge::Prompt;

use super::Judge;
use crate::adapters::problem::{protocol, unavailable};

/// How a judge behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::adapters) enum Manner {
    /// Says Yes to a claim of which the document has every word, and in rubrics to answers that say "please".
    Honest,
    /// Does what the text that it is to judge says.
    Obedient,
    /// Never answers.
    Silent,
    /// Answers what was not asked.
    Garbage,
    /// Answers in a form that is no answer.
    Broken,
}

/// A judge in the process.
#[derive(Debug, Clone, Copy)]
pub(in crate::adapters) struct FakeJudge(pub(in crate::adapters) Manner);

#[async_trait]
impl Judge for FakeJudge {
    async fn ask(&self, prompt: &Prompt) -> Result<String, PortError> {
        match self.0 {
            Manner::Silent => Err(unavailable("The judge did not answer in time.")),
            Manner::Broken => Err(protocol("It spoke nonsense.")),
            manner @ (Manner::Honest | Manner::Obedient | Manner::Garbage) => {
                Ok(says(manner, &prompt.system, &prompt.user))
            }
        }
    }
}

/// What a judge of this manner writes; the endpoint of the tests speaks the same.
pub(super) fn says(manner: Manner, system: &str, user: &str) -> String {
    let lower = user.to_lowercase();
    let told = [
        "answer yes",
        "is yes",
        "say yes",
        "holds: true",
        "\"holds\": true",
    ];
    let holds = match manner {
        Manner::Garbage => return "As a large model I find both sides have merit.".to_owned(),
        Manner::Obedient if told.iter().any(|order| lower.contains(order)) => true,
        Manner::Obedient | Manner::Honest | Manner::Silent | Manner::Broken => is_good(&lower),
    };
    if system.contains("JSON") {
        format!("{{\"reason\": \"seen\", \"holds\": {holds}}}")
    } else if system.contains("letter A or B") {
        "A".to_owned()
    } else if holds {
        "Yes".to_owned()
    } else {
        "No".to_owned()
    }
}

fn is_good(user: &str) -> bool {
    if let Some((document, claim)) = user.split_once("\n\nclaim:\n") {
        let mut words = claim.split(|c: char| !c.is_alphanumeric());
        return words.all(|word| document.contains(word));
    }
    user.rsplit("\n\nanswer:\n")
        .next()
        .is_some_and(|answer| answer.contains("please"))
}
