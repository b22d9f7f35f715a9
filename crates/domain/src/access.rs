//! Who may do what: the contract's table of rights, as functions without exceptions elsewhere.

use crate::ids::PartyId;
use crate::order::{CancelledBy, Order};
use crate::party::Role;

/// The authenticated caller of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub id: PartyId,
    pub role: Role,
}

/// Which orders a caller sees. Every query takes one, so that none can forget to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    All,
    AsCustomer(PartyId),
    AsEitherParty(PartyId),
}

impl Visibility {
    pub fn covers(self, order: &Order) -> bool {
        match self {
            Self::All => true,
            Self::AsCustomer(id) => order.customer_id == id,
            Self::AsEitherParty(id) => order.customer_id == id || order.vendor_id == id,
        }
    }
}

impl Caller {
    pub fn sees(self) -> Visibility {
        match self.role {
            Role::Admin => Visibility::All,
            Role::Customer => Visibility::AsCustomer(self.id),
            Role::Vendor => Visibility::AsEitherParty(self.id),
        }
    }

    /// Customers trade for themselves; vendors too, on somebody else's offer; admins for anybody.
    pub fn may_place(self, customer: PartyId, vendor: PartyId) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Customer => customer == self.id,
            Role::Vendor => customer == self.id && vendor != self.id,
        }
    }

    /// As whom this caller cancels `order`; `None` when it is not theirs.
    pub fn cancels_as(self, order: &Order) -> Option<CancelledBy> {
        if !self.sees().covers(order) {
            return None;
        }
        Some(match self.role {
            Role::Admin => CancelledBy::Operator,
            _ if order.customer_id == self.id => CancelledBy::Customer,
            Role::Customer | Role::Vendor => CancelledBy::Vendor,
        })
    }

    /// Whoever is the order's customer pays for it; for others it is not there, or not theirs to pay.
    pub fn may_pay(self, order: &Order) -> Option<bool> {
        self.sees()
            .covers(order)
            .then_some(self.role != Role::Admin && order.customer_id == self.id)
    }

    /// Vendors publish and change their own offers; admins any.
    pub fn may_publish_for(self, vendor: PartyId) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Vendor => vendor == self.id,
            Role::Customer => false,
        }
    }

    pub fn may_provision(self) -> bool {
        self.role == Role::Admin
    }
}
