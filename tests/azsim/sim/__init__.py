"""azsim's parts: one module per service, one for each thing they share."""
