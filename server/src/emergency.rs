//! What one officer may sign alone: a template that others approved is aired now, or orders stop.
//!
//! It makes the bytes that are signed, and takes what comes back into the store if the signatures count; whatever signed
//! them is the caller's. The running desk sees both there and brings them to the players (`delivery/dispatch.rs`), which
//! ask for the signatures again. What officers are shown is `cli/key/words.rs`.

use loa_domain::delivery::office::Unauthorised;
use loa_domain::id::{Hash, Name};
use loa_domain::keys::{Purpose, Root, Sealed};
use loa_domain::time::{LocalTime, UtcMs};
use loa_domain::timetable::activation::{Activation, As, Is};
use loa_domain::timetable::audience::Audience;
use loa_domain::timetable::order::{Form, Order};
use loa_domain::timetable::stop::Stop;
use loa_domain::wire::{self, Text};

use crate::store::{Change, NewOrder, SealedStop, Store, StoreError};

/// A template in force.
#[derive(Clone, Debug)]
pub struct Template {
    /// What it is known by.
    pub hash: Hash,
    /// What it airs, and where.
    pub order: Order,
    /// Its bytes with signatures.
    pub sealed: Vec<u8>,
}

/// Why an activation or a stop is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bytes are no activation, or no stop.
    #[error("these bytes are no activation and no stop")]
    Foreign,
    /// No officer's signature counts.
    #[error("no officer of the root document signed it: {0:?}")]
    Officers(Unauthorised),
    /// Too few officers signed the template that it activates.
    #[error("too few officers of the root document signed its template; sign the template anew")]
    Template,
    /// The template is not in force any more.
    #[error("its template is not in force any more; activate the one that is")]
    Gone,
}

/// The templates in force, by name.
///
/// # Errors
/// When the store cannot be read.
pub async fn templates(store: &Store) -> Result<Vec<Template>, StoreError> {
    let held = store.orders_in_force().await?.into_iter();
    let mut templates: Vec<Template> = held
        .filter_map(|held| {
            let sealed = Sealed::read(&held.order.sealed).ok()?;
            let order = Order::read(sealed.body).ok().filter(|order| order.form == Form::Template)?;
            Some(Template { hash: held.order.hash, order, sealed: held.order.sealed })
        })
        .collect();
    templates.sort_by(|a, b| a.order.id.cmp(&b.order.id));
    Ok(templates)
}

/// The name of an order that activates a template at a local time: the template's, cut where the time would not fit.
#[must_use]
pub fn name(template: &str, local: LocalTime) -> Name {
    let (_, month, day) = local.date().year_month_day();
    let second = local.second_of_day();
    let time = format!("-{month:02}{day:02}-{:02}{:02}{:02}", second / 3_600, second / 60 % 60, second % 60);
    let stem: Text<{ loa_domain::limits::NAME_BYTES - 12 }> = Text::cut(template);
    Text::cut(&format!("{}{time}", stem.as_str()))
}

/// The bytes that an officer signs so that a template is aired.
#[must_use]
pub fn activation(template: &Template, form: As, id: Name, audience: Audience, (made, at): (UtcMs, UtcMs)) -> Vec<u8> {
    wire::encode(&Activation { form, template: &template.sealed, id, made, at, audience })
}

/// Takes an activation in: from now on it is an order like others.
///
/// # Errors
/// When no officer signed it, too few its template, or that is not in force; nothing has changed then.
pub async fn activate(
    store: &Store,
    sealed: Vec<u8>,
    root: &Root,
    who: &str,
    now: UtcMs,
) -> Result<(Order, Hash), EmergencyError> {
    let read = Sealed::read(&sealed).map_err(|_| EmergencyError::Foreign)?;
    let is = Is::of(read.body).filter(|is| is.is_alone()).ok_or(EmergencyError::Foreign)?;
    let activation: Activation<'_> = wire::decode(read.body).map_err(|_| EmergencyError::Foreign)?;
    root.authorises(&read, is.purpose(), true).map_err(EmergencyError::Officers)?;
    let template = Sealed::read(activation.template).map_err(|_| EmergencyError::Foreign)?;
    root.authorises(&template, Purpose::Template, false).map_err(|_| EmergencyError::Template)?;
    let order = Order::read(read.body).map_err(|_| EmergencyError::Foreign)?;
    if !templates(store).await?.iter().any(|held| held.hash == template.hash()) {
        return Err(EmergencyError::Gone);
    }
    let hash = read.hash();
    let [id, campaign, programme] = [&order.id, &order.campaign, &order.programme].map(ToString::to_string);
    let put = Change::PutOrder(NewOrder { hash, id, campaign, programme, made: order.made, sealed });
    store.replace(vec![put], now, who).await?;
    Ok((order, hash))
}

/// Takes a stop in; gives it with the names of the orders in force that it stops. Those that it stops everywhere are
/// revoked; of others the releases of the players concerned leave them out.
///
/// # Errors
/// When no officer signed it; nothing has changed then.
pub async fn stop(
    store: &Store,
    sealed: &[u8],
    root: &Root,
    who: &str,
    now: UtcMs,
) -> Result<(Stop, Vec<String>), EmergencyError> {
    let stop = SealedStop::read(sealed).ok_or(EmergencyError::Foreign)?;
    let read = Sealed::read(sealed).map_err(|_| EmergencyError::Foreign)?;
    root.authorises(&read, Purpose::Stop, true).map_err(EmergencyError::Officers)?;
    // First what the players need.
    store.keep_stop(&stop, now).await?;
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    for held in store.orders_in_force().await? {
        let Some(order) = Sealed::read(&held.order.sealed).ok().and_then(|sealed| Order::read(sealed.body).ok()) else {
            continue;
        };
        let covered = match stop.stop.orders.is_empty() {
            true => order.stoppable_since() <= stop.stop.made,
            false => stop.stop.orders.contains(&held.order.hash),
        };
        if covered && order.form != Form::Template {
            names.push(held.order.id);
            changes.push(Change::Revoke { order: held.order.hash });
        }
    }
    // An office's word holds for its places only, whatever the stop says.
    if stop.stop.audience == Audience::default() && read.office.is_none() {
        store.replace(changes, now, who).await?;
    }
    names.sort();
    names.dedup();
    Ok((stop.stop, names))
}
