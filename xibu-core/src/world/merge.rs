//! An office that ceased and another that goes on with what was its own.
//!
//! Whole or not at all: everything that can be refused is looked at before anything changes.

use alloc::vec::Vec;

use chrono::NaiveDate;

use super::{Unfit, World};
use crate::office::{OfficeId, OfficeVersion};
use crate::service::Service;
use crate::validity::Validity;

impl World {
    pub(super) fn office_merged(
        &mut self,
        id: OfficeId,
        into: OfficeId,
        on: NaiveDate,
    ) -> Result<(), Unfit> {
        let kind = self.offices.get(&id).ok_or(Unfit::OfficeUnknown(id))?.kind;
        self.office_of_kind(into, &[kind])?;
        if into == id || self.office_on(into, on).is_none() {
            return Err(Unfit::OfficeDoesNotStand { office: into, on });
        }
        self.office_ceased(id, on)?;
        self.merged.insert(id, (on, into));
        self.services_go_over(id, into, on);
        let below: Vec<OfficeId> = self.below.get(&id).into_iter().flatten().copied().collect();
        for below in below {
            let Some(office) = self.offices.get(&below) else { continue };
            let Some(last) = office.versions.last() else { continue };
            // What was told of a later day stands.
            if last.superior == Some(id) && last.validity.until.is_none_or(|until| on < until) {
                let from = last.validity.from.max(on);
                let validity = Validity { from, ..last.validity };
                let version = OfficeVersion { superior: Some(into), validity, ..last.clone() };
                self.office_stood(below, office.kind, &version)?;
            }
        }
        Ok(())
    }

    /// Everybody who serves on that day, or would later, serves on at the office that goes on.
    fn services_go_over(&mut self, from: OfficeId, into: OfficeId, on: NaiveDate) {
        let mut over = Vec::new();
        let here = self.services.entry(from).or_default();
        here.retain_mut(|service| {
            let Validity { from: begins, until } = service.validity;
            if until.is_some_and(|until| until <= on) {
                return true;
            }
            over.push(Service {
                unit: into,
                validity: Validity { from: begins.max(on), until },
                ..*service
            });
            service.validity.until = Some(on);
            begins < on
        });
        for service in over {
            let units = self.served_at.entry(service.person).or_default();
            if !units.contains(&into) {
                units.push(into);
            }
            self.services.entry(into).or_default().push(service);
        }
    }
}
