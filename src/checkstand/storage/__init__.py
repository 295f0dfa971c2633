"""Where checkouts, orders and shops are kept. `port` says what the services ask for; `sql` is the one implementation, over a
Driver (`sqlite`)."""
