"""A saga: an order that books payment, stock and delivery, or undoes what it has booked."""
