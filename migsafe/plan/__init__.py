"""A dangerous change as several deploys: recipes, the planner that puts them together, and the files it writes."""
