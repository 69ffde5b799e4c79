"""What every page shares: layout, marks, tags, tables, charts. Imports no other app of ours."""
