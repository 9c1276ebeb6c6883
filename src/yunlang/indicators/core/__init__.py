"""The engine of composite indicators: arrays in, arrays out, without Django."""
