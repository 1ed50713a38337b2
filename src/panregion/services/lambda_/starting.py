"""What Lambda has going in a region: the engine that runs functions, and the readers of event sources."""

from panregion.services import Here, Running
from panregion.services.lambda_ import layout, provisioning
from panregion.services.lambda_.engine import CODE_ROUTE, Engine
from panregion.services.lambda_.sources.pollers import Pollers


async def start(here: Here) -> Running:
    """When a region starts: tidy the disk, and warm the template up where there are functions already."""
    engine = here.running["lambda"] = Engine(here)
    pollers = here.running["lambda-sources"] = Pollers(here)
    engine.code.keep_only(here.read(digests_in_use))
    engine.start()
    if here.read(lambda here: next(layout.functions(here.tx), None)) is not None:
        engine.spawn(engine.functions.warm())
    provisioning.keep(here)
    if here.read(lambda here: next(layout.sources(here.tx), None)) is not None:
        await here.transact(lambda here: here.later("lambda.sources", {}))  # once all services have started

    async def stop() -> None:
        await pollers.stop()
        await engine.stop()

    return Running(stop=stop, routes={CODE_ROUTE: engine.download}, health=engine.health)


def digests_in_use(here: Here) -> set[str]:
    """The packages that any version of a function or layer needs."""
    configs = list(layout.all_configs(here.tx))
    used = {config.package.digest for config in configs}
    used |= {layer.package.digest for config in configs for layer in config.layers}
    return used | {layer.package.digest for layer in layout.layers(here.tx)}
