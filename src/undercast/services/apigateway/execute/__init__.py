"""The data path: requests to the stages of APIs."""
