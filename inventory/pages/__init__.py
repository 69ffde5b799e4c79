"""The pages of filament and spools."""
