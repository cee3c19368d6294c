"""Rules about a free choice: what a no may cost, and how marketing is stopped."""

from collections.abc import Iterator

from shounuo.core.policy import ConsentItem, Entry, Message, Refusal, Scene, Use
from shounuo.law.rules.rule import Gap, RuleKind
from shounuo.law.rules.view import View


class ClosesOnly(RuleKind, frozen=True, tag="closes-only"):
    """Where processing rests on consent, a no closes it and what the same yes covers; nothing else."""

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every scene, use or consent item whose refusal closes more."""
        resting: list[Scene | Use] = [*view.of("scenes", Scene), *view.of("uses", Use)]
        for entry in resting:
            if entry.basis.by_consent and entry.refusal:
                yield from _beyond(view, entry, entry.refusal, view.asked(entry))
        for item in view.of("consent", ConsentItem):
            if item.refusal:
                yield from _beyond(view, item, item.refusal, (item,))


def _beyond(view: View, entry: Entry, refusal: Refusal, asked: tuple[ConsentItem, ...]) -> Iterator[Gap]:
    same_yes = {item.name for item in asked}

    def covered(name: str) -> bool:
        return name == entry.name or any(item.name in same_yes for item in view.covering.get(name, ()))

    if beyond := ", ".join(name for name in refusal.closed if not covered(name)):
        yield view.gap(entry, f"不同意还会关闭 {beyond}", f"a no also closes {beyond}")


class StopsEach(RuleKind, frozen=True, tag="stops-each"):
    """Every channel of every message of a class can be stopped; `by` asks for a way on that very channel."""

    message: str
    channels: tuple[str, ...] = ()  # empty: all of the message's
    by: tuple[str, ...] = ()

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every message, once for each channel that cannot."""
        for message in view.of("messages", Message):
            if message.klass == self.message:
                for channel in message.channels:
                    if (not self.channels or channel in self.channels) and not self._can(
                        view, message, channel
                    ):
                        way = f" by {' or '.join(self.by)}" if self.by else ""
                        zh = f"渠道 {channel} 没有{'其自身的' if self.by else ''}拒收方式"
                        yield view.gap(message, zh, f"nothing stops it on `{channel}`{way}")

    def _can(self, view: View, message: Message, channel: str) -> bool:
        stops = [stop for stop in view.stops_of.get(message.name, ()) if channel in stop.stops]
        if self.by:
            stops = [stop for stop in stops if stop.way in self.by and stop.on == channel]
        return any(stop.word or stop.way != "word" for stop in stops)
