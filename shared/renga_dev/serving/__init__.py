"""The serving half of the laptop runtime: processes that start when something asks, and stop when nothing does.

After Knative Serving: activation, concurrency, timeouts, autoscaling and drain (rules S1 to S10).
"""
