"""Pure computation: ratings, factors, models, gradients, optimizers and the trainer."""
