"""Where Lambda keeps things.

    ("lambda", "function", name)               -> Function
    ("lambda", "config", name, version)        -> Config; version 0 is $LATEST
    ("lambda", "alias", name, alias)           -> Alias
    ("lambda", "provisioned", name, qualifier) -> Provisioned
    ("lambda", "url", name, qualifier or "")   -> FunctionUrl
    ("lambda", "url-name", id)                 -> (name, qualifier or ""), MessagePack
    ("lambda", "source", uuid)                 -> Source, an event source mapping
    ("lambda", "source-cursor", uuid, shard)   -> the last sequence number that was delivered, or DONE
    ("lambda", "source-window", uuid, shard)   -> a tumbling window that is open (services/sources/windows.py)
    ("lambda", "layer", layer, version)        -> LayerVersion
    ("lambda", "layer-head", layer)            -> the last version number given out, as decimal text

Packages lie beside the store, in the region's folder (functions/code.py); what is recorded here is unpacked there.
"""

from collections.abc import Iterator

import msgspec

from panregion.services import Here
from panregion.services.lambda_.errors import ResourceNotFoundException, no_alias, no_function
from panregion.services.lambda_.model import Alias, Config, Function, FunctionUrl, LayerVersion, Provisioned
from panregion.services.lambda_.names import LATEST
from panregion.services.lambda_.sources.model import Source
from panregion.store import Key, Transaction

_function = msgspec.msgpack.Decoder(Function)
_config = msgspec.msgpack.Decoder(Config)
_alias = msgspec.msgpack.Decoder(Alias)
_layer = msgspec.msgpack.Decoder(LayerVersion)
_provisioned = msgspec.msgpack.Decoder(Provisioned)
_url = msgspec.msgpack.Decoder(FunctionUrl)
_source = msgspec.msgpack.Decoder(Source)


def arn_of(here: Here, name: str, qualifier: str | None = None) -> str:
    return here.arn("lambda", f"function:{name}" + (f":{qualifier}" if qualifier else ""))


def find_function(tx: Transaction, name: str) -> Function | None:
    found = tx.get(("lambda", "function", name))
    return None if found is None else _function.decode(found)


def require_function(here: Here, name: str, qualifier: str | None = None) -> Function:
    """Raises ResourceNotFoundException."""
    function = find_function(here.tx, name)
    if function is None:
        raise no_function(arn_of(here, name, qualifier))
    return function


def put_function(tx: Transaction, function: Function) -> None:
    tx.put(("lambda", "function", function.name), msgspec.msgpack.encode(function))


def functions(tx: Transaction, after: str | None = None) -> Iterator[Function]:
    position = None if after is None else ("lambda", "function", after)
    return (_function.decode(value) for value in tx.values(("lambda", "function"), after=position))


def find_config(tx: Transaction, name: str, version: int) -> Config | None:
    found = tx.get(("lambda", "config", name, version))
    return None if found is None else _config.decode(found)


def put_config(tx: Transaction, config: Config) -> None:
    tx.put(("lambda", "config", config.name, config.version), msgspec.msgpack.encode(config))


def configs(tx: Transaction, name: str, after: int | None = None) -> Iterator[Config]:
    """Of one function, $LATEST first."""
    position = None if after is None else ("lambda", "config", name, after)
    return (_config.decode(value) for value in tx.values(("lambda", "config", name), after=position))


def all_configs(tx: Transaction) -> Iterator[Config]:
    return (_config.decode(value) for value in tx.values(("lambda", "config")))


def delete_config(tx: Transaction, name: str, version: int) -> None:
    tx.delete(("lambda", "config", name, version))
    delete_provisioned(tx, name, str(version))


def find_alias(tx: Transaction, name: str, alias: str) -> Alias | None:
    found = tx.get(("lambda", "alias", name, alias))
    return None if found is None else _alias.decode(found)


def require_alias(here: Here, name: str, alias: str) -> Alias:
    """Raises ResourceNotFoundException."""
    require_function(here, name)
    found = find_alias(here.tx, name, alias)
    if found is None:
        raise no_alias(arn_of(here, name, alias))
    return found


def put_alias(tx: Transaction, name: str, alias: Alias) -> None:
    tx.put(("lambda", "alias", name, alias.name), msgspec.msgpack.encode(alias))


def aliases(tx: Transaction, name: str, after: str | None = None) -> Iterator[Alias]:
    position = None if after is None else ("lambda", "alias", name, after)
    return (_alias.decode(value) for value in tx.values(("lambda", "alias", name), after=position))


def delete_alias(tx: Transaction, name: str, alias: str) -> None:
    tx.delete(("lambda", "alias", name, alias))
    delete_provisioned(tx, name, alias)


def find_provisioned(tx: Transaction, name: str, qualifier: str) -> Provisioned | None:
    found = tx.get(("lambda", "provisioned", name, qualifier))
    return None if found is None else _provisioned.decode(found)


def put_provisioned(tx: Transaction, name: str, qualifier: str, provisioned: Provisioned) -> None:
    tx.put(("lambda", "provisioned", name, qualifier), msgspec.msgpack.encode(provisioned))


def provisioned(tx: Transaction, name: str | None = None) -> Iterator[tuple[str, str, Provisioned]]:
    """(function, qualifier, provisioned concurrency), of one function or of all."""
    prefix = ("lambda", "provisioned") if name is None else ("lambda", "provisioned", name)
    return ((str(key[2]), str(key[3]), _provisioned.decode(value)) for key, value in tx.prefix(prefix))


def delete_provisioned(tx: Transaction, name: str, qualifier: str) -> None:
    tx.delete(("lambda", "provisioned", name, qualifier))


def put_url(tx: Transaction, url: FunctionUrl) -> None:
    place = (url.function, url.qualifier or "")
    tx.put(("lambda", "url", *place), msgspec.msgpack.encode(url))
    tx.put(("lambda", "url-name", url.id), msgspec.msgpack.encode(place))


def find_url(tx: Transaction, name: str, qualifier: str | None) -> FunctionUrl | None:
    found = tx.get(("lambda", "url", name, qualifier or ""))
    return None if found is None else _url.decode(found)


def url_with(tx: Transaction, id: str) -> FunctionUrl | None:
    """The function URL with an id, as its name begins."""
    found = tx.get(("lambda", "url-name", id))
    return None if found is None else find_url(tx, *msgspec.msgpack.decode(found, type=tuple[str, str]))


def urls(tx: Transaction, name: str) -> Iterator[FunctionUrl]:
    return (_url.decode(value) for value in tx.values(("lambda", "url", name)))


def delete_url(tx: Transaction, url: FunctionUrl) -> None:
    tx.delete(("lambda", "url", url.function, url.qualifier or ""))
    tx.delete(("lambda", "url-name", url.id))


def delete_function(tx: Transaction, name: str) -> None:
    """The function with all its versions, aliases and addresses."""
    for url in list(urls(tx, name)):
        delete_url(tx, url)
    tx.delete(("lambda", "function", name))
    for space in ("config", "alias", "provisioned"):
        for key in [key for key, _ in tx.prefix(("lambda", space, name))]:
            tx.delete(key)


def resolve(here: Here, name: str, qualifier: str | None, chance: float = 1.0) -> Config:
    """The version that a name and qualifier mean; of an alias with weights, the one that `chance` picks.

    Raises ResourceNotFoundException.
    """
    require_function(here, name, qualifier)
    version = 0
    if qualifier is not None and qualifier != LATEST:
        if qualifier.isdigit():
            version = int(qualifier)
        else:
            alias = find_alias(here.tx, name, qualifier)
            if alias is None:
                raise no_function(arn_of(here, name, qualifier))
            version = alias.pick(chance)
    config = find_config(here.tx, name, version)
    if config is None:
        raise no_function(arn_of(here, name, qualifier))
    return config


def find_layer(tx: Transaction, name: str, version: int) -> LayerVersion | None:
    found = tx.get(("lambda", "layer", name, version))
    return None if found is None else _layer.decode(found)


def require_layer(here: Here, name: str, version: int) -> LayerVersion:
    """Raises ResourceNotFoundException."""
    found = find_layer(here.tx, name, version)
    if found is None:
        arn = here.arn("lambda", f"layer:{name}:{version}")
        raise ResourceNotFoundException(f"Layer version {arn} does not exist.", Type="User")
    return found


def add_layer(tx: Transaction, layer: LayerVersion) -> None:
    tx.put(("lambda", "layer", layer.name, layer.version), msgspec.msgpack.encode(layer))
    tx.put(("lambda", "layer-head", layer.name), str(layer.version).encode())


def last_layer(tx: Transaction, name: str) -> int:
    """The last version number ever given out for a layer; 0 for none."""
    return int(tx.get(("lambda", "layer-head", name)) or 0)


def layers(tx: Transaction, name: str | None = None) -> Iterator[LayerVersion]:
    prefix = ("lambda", "layer") if name is None else ("lambda", "layer", name)
    return (_layer.decode(value) for value in tx.values(prefix))


def delete_layer(tx: Transaction, name: str, version: int) -> None:
    tx.delete(("lambda", "layer", name, version))


def put_source(tx: Transaction, source: Source) -> None:
    tx.put(("lambda", "source", source.uuid), msgspec.msgpack.encode(source))


def find_source(tx: Transaction, uuid: str) -> Source | None:
    found = tx.get(("lambda", "source", uuid))
    return None if found is None else _source.decode(found)


def sources(tx: Transaction, after: str | None = None) -> Iterator[Source]:
    position = None if after is None else ("lambda", "source", after)
    return (_source.decode(value) for value in tx.values(("lambda", "source"), after=position))


def delete_source(tx: Transaction, uuid: str) -> None:
    """The mapping, and how far it came."""
    tx.delete(("lambda", "source", uuid))
    for place in (cursors(uuid), windows(uuid)):
        for key in [key for key, _ in tx.prefix(place)]:
            tx.delete(key)


def cursors(uuid: str) -> Key:
    """Where the readers of a mapping keep how far they are."""
    return ("lambda", "source-cursor", uuid)


def windows(uuid: str) -> Key:
    """Where the readers of a mapping keep the tumbling windows that are open."""
    return ("lambda", "source-window", uuid)
