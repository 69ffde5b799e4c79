"""The demo farm: a seeder and a simulated operator."""
