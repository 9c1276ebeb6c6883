"""Links between units: origin–destination matrices, and what they say of the network and of each unit in it."""
