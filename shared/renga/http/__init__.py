"""HTTP/1.1 both ways on asyncio and httptools: the server that hosts functions and the client that delivers to them.

Our own because a function pays for its server at every cold start, and because delivery is what Renga exists for.
"""
