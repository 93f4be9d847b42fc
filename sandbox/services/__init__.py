"""The AWS operations that the sandbox serves itself, in front of moto's."""
