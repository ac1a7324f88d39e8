"""Networks of the anatomical prior: label maps as an auto-encoder draws them, and images explained by such maps."""
