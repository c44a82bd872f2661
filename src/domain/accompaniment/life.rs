//! What each side may say of an accompaniment, and what it becomes.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Accompaniment, AccompanimentState, Confirmations, Party};
use crate::domain::problem::Problem;

impl Confirmations {
    fn set(&mut self, party: Party, now: DateTime<Utc>) {
        let said = match party {
            Party::Host => &mut self.host,
            Party::Association => &mut self.association,
        };
        said.get_or_insert(now);
    }
}

impl Accompaniment {
    /// Whether this side is asked whether it took place.
    pub fn may_be_confirmed_by(&self, party: Party) -> bool {
        self.state == AccompanimentState::Proposed && self.began.of(party).is_none()
    }

    /// Whether this side may say that it ended.
    pub fn may_be_ended_by(&self, party: Party) -> bool {
        self.state == AccompanimentState::Ongoing && self.ended.of(party).is_none()
    }

    /// Whether it may still be given up, by either side.
    pub const fn may_be_abandoned(&self) -> bool {
        matches!(
            self.state,
            AccompanimentState::Proposed | AccompanimentState::Ongoing
        )
    }

    /// The other side says that it took place; and that it ended, when it was declared as over.
    ///
    /// # Errors
    /// When this side has nothing to confirm.
    pub fn confirm(&mut self, party: Party, now: DateTime<Utc>) -> Result<(), Problem> {
        if !self.may_be_confirmed_by(party) {
            return Err(Problem::new(
                "Il n’y a rien à confirmer : cet accompagnement a déjà reçu une réponse.",
            ));
        }
        self.began.set(party, now);
        self.state = AccompanimentState::Ongoing;
        if self.ended_on.is_some() {
            self.ended.set(party, now);
        }
        self.settle(now);
        Ok(())
    }

    /// The other side says that it did not take place.
    ///
    /// # Errors
    /// When this side already answered.
    pub fn decline(&mut self, party: Party, now: DateTime<Utc>) -> Result<(), Problem> {
        if !self.may_be_confirmed_by(party) {
            return Err(Problem::new(
                "Il est trop tard pour dire que cet accompagnement n’a pas eu lieu : écrivez à la modération.",
            ));
        }
        self.state = AccompanimentState::Declined;
        self.updated_at = now;
        Ok(())
    }

    /// One side says when it ended. The second one confirms what the first one said.
    ///
    /// # Errors
    /// When this side may not, or for a day that cannot be.
    pub fn end(
        &mut self,
        party: Party,
        day: NaiveDate,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        if !self.may_be_ended_by(party) {
            return Err(Problem::new(
                "Cet accompagnement n’est pas en cours, ou vous avez déjà confirmé sa fin.",
            ));
        }
        let day = match self.ended.of(party.other()).and(self.ended_on) {
            Some(said) => said,
            None => day,
        };
        check_end(self.started_on, day, today)?;
        self.ended_on = Some(day);
        self.ended.set(party, now);
        self.settle(now);
        Ok(())
    }

    /// Either side says that it stopped without result.
    ///
    /// # Errors
    /// When it is over.
    pub fn abandon(&mut self, now: DateTime<Utc>) -> Result<(), Problem> {
        if !self.may_be_abandoned() {
            return Err(Problem::new("Cet accompagnement est déjà terminé."));
        }
        self.state = AccompanimentState::Abandoned;
        self.updated_at = now;
        Ok(())
    }

    fn settle(&mut self, now: DateTime<Utc>) {
        if self.began.are_both() && self.ended.are_both() {
            self.state = AccompanimentState::Finished;
        }
        self.updated_at = now;
    }
}

/// Checks the day on which an accompaniment ended.
pub(super) fn check_end(
    started: NaiveDate,
    ended: NaiveDate,
    today: NaiveDate,
) -> Result<(), Problem> {
    const DAY: &str = "%d/%m/%Y";
    if ended < started {
        return Err(Problem::new(
            "La fin ({end}) vient avant le début ({start}) : vérifiez les deux dates.",
        )
        .with("end", ended.format(DAY))
        .with("start", started.format(DAY)));
    }
    if ended > today {
        return Err(Problem::new(
            "Cette fin est à venir : laissez la date vide tant que l’accompagnement continue.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::{
        accompaniment::Scope,
        ids::{AccompanimentId, HostId, OrganisationId},
    };

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn declared_by(party: Party, ended_on: Option<NaiveDate>) -> Accompaniment {
        let mut said = Confirmations::default();
        said.set(party, now());
        Accompaniment {
            id: AccompanimentId::from(1),
            host_id: HostId::from(2),
            organisation_id: OrganisationId::from(3),
            number: 1,
            state: AccompanimentState::Proposed,
            declared_by: party,
            host_email: None,
            association_email: None,
            scope: Scope::default(),
            started_on: day("2026-01-05"),
            ended_on,
            volunteer_hours: None,
            cost_bracket: None,
            is_founding: false,
            created_at: now(),
            updated_at: now(),
            began: said,
            ended: if ended_on.is_some() {
                said
            } else {
                Confirmations::default()
            },
        }
    }

    #[test]
    fn it_is_finished_once_both_said_that_it_began_and_that_it_ended() {
        for first in [Party::Host, Party::Association] {
            let mut pact = declared_by(Party::Host, None);
            assert!(
                pact.confirm(Party::Host, now()).is_err(),
                "nobody confirms alone"
            );
            pact.confirm(Party::Association, now()).unwrap();
            assert!(pact.confirm(Party::Association, now()).is_err());
            pact.end(first, day("2026-10-01"), day("2026-11-22"), now())
                .unwrap();
            assert!(!pact.is_finished());
            let twice = pact.end(first, day("2026-10-02"), day("2026-11-22"), now());
            assert!(twice.is_err());
            pact.end(first.other(), day("2026-11-01"), day("2026-11-22"), now())
                .unwrap();
            assert!(pact.is_finished());
            assert_eq!(
                pact.ended_on,
                Some(day("2026-10-01")),
                "what was said first"
            );
            assert!(pact.abandon(now()).is_err());
        }
    }

    #[test]
    fn one_that_is_over_when_it_is_declared_needs_one_confirmation() {
        let mut pact = declared_by(Party::Association, Some(day("2026-06-30")));
        assert!(!pact.is_finished());
        pact.confirm(Party::Host, now()).unwrap();
        assert!(pact.is_finished());
    }

    #[test]
    fn the_end_is_neither_before_the_beginning_nor_to_come() {
        let mut pact = declared_by(Party::Host, None);
        pact.confirm(Party::Association, now()).unwrap();
        for wrong in ["2026-01-04", "2026-11-23"] {
            let refused = pact.end(Party::Host, day(wrong), day("2026-11-22"), now());
            assert!(refused.is_err(), "{wrong}");
        }
        assert_eq!(pact.ended_on, None);
        let same_day = pact.end(Party::Host, day("2026-01-05"), day("2026-11-22"), now());
        assert_eq!(same_day, Ok(()));
    }

    #[test]
    fn the_other_side_may_say_that_it_did_not_take_place() {
        let mut pact = declared_by(Party::Host, None);
        assert!(pact.decline(Party::Host, now()).is_err());
        pact.decline(Party::Association, now()).unwrap();
        assert_eq!(pact.state, AccompanimentState::Declined);
        assert!(pact.confirm(Party::Association, now()).is_err());
    }
}
