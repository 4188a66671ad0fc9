"""Flow engines, as adapters of the Engine port."""
