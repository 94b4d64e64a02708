"""Models by name and version over the Open Inference Protocol: protocol, registry, batching engine, server, client.

It knows no event and nothing of the functions that call it. Each part is imported by what needs it: `protocol` wants
numpy alone, and only `runtimes.modules` ever imports torch.
"""
