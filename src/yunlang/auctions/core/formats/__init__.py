"""What differs between the forms of sale, one module each; `engine` has what they share."""
