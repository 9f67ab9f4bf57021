#include "runtime/transport/exchange.hpp"

#include <utility>

namespace fulmar::transport {
namespace {

/// What waits for a socket that is full: all that the links of a session may have under way, and some words.
constexpr std::size_t kOutboxMax = 2 * Link::kWindowMax;

}  // namespace

struct Exchange::Line {
  core::Sender session;
  std::optional<PeerId> peer;
  SessionKey key{};
  std::optional<Seal> seal;
  Time opened{};  // attended
  bool over = false;
  std::vector<Link> links;  // by channel, from the first on
  std::vector<Assembler> assemblers;
  std::deque<std::pair<core::Channel, Letter>> waiting;  // for the peer to attach
  std::deque<Packet> outbox;                             // for the socket to have room
  std::vector<std::function<void()>> when_acknowledged;

  bool has_all_acknowledged() const {
    if (!waiting.empty()) return false;
    for (const Link& link : links) {
      if (link.unacknowledged() > 0) return false;
    }
    return true;
  }
};

Exchange::Exchange(ExchangeSettings settings, Carrier& carrier, BufferPool& pool, Traffic& traffic, ExchangeSink& sink)
    : settings_(std::move(settings)),
      carrier_(carrier),
      pool_(pool),
      traffic_(traffic),
      sink_(sink),
      clock_(settings_.liveness.gap_max()) {}

Exchange::~Exchange() = default;

// ---- sessions

void Exchange::open(Time now, const Opening& opening) {
  Line line;
  line.session = opening.session;
  line.peer = opening.peer;
  line.key = opening.key;
  line.opened = clock_.look(now);
  if (settings_.sealed) line.seal.emplace(opening.key, opening.session.incarnation, settings_.own);
  const Side other = settings_.own == Side::head ? Side::node : Side::head;
  for (std::size_t i = 0; i < settings_.tensor_floats.size(); ++i) {
    const core::Channel channel = settings_.first_channel + static_cast<core::Channel>(i);
    line.links.emplace_back(settings_.liveness);
    line.assemblers.emplace_back(AssemblerSettings{other, channel, settings_.tensor_floats[i]}, pool_);
  }
  lines_.insert_or_assign(opening.session.incarnation, std::move(line));
}

void Exchange::close(core::Incarnation incarnation) {
  lines_.erase(incarnation);
}

bool Exchange::is_open(core::Incarnation incarnation) const {
  const auto found = lines_.find(incarnation);
  return found != lines_.end() && !found->second.over;
}

std::optional<PeerId> Exchange::peer_of(core::Incarnation incarnation) const {
  return is_open(incarnation) ? lines_.at(incarnation).peer : std::nullopt;
}

Exchange::Line* Exchange::find(const core::Sender& session) {
  const auto found = lines_.find(session.incarnation);
  const bool is_known = found != lines_.end() && found->second.session == session && !found->second.over;
  return is_known ? &found->second : nullptr;
}

void Exchange::be_over(Line& line, const std::string& cause) {
  if (std::exchange(line.over, true)) return;
  line.links.clear();
  line.assemblers.clear();
  line.waiting.clear();
  line.outbox.clear();
  line.when_acknowledged.clear();
  sink_.over(line.session, cause);
}

void Exchange::peer_closed(PeerId peer) {
  for (auto& [incarnation, line] : lines_) {
    if (line.peer == peer) be_over(line, "its connection was closed");
  }
}

// ---- what is sent

void Exchange::send(Time now, core::Incarnation to, core::Channel channel, const Parcel& parcel) {
  const auto found = lines_.find(to);
  if (found == lines_.end() || found->second.over) return;
  Line& line = found->second;
  for (Letter& letter : letters_of(parcel.message, parcel.tensor, parcel.begin, parcel.floats)) {
    if (line.peer) {
      transmit(line, channel, line.links.at(channel - settings_.first_channel).send(now, std::move(letter)));
    } else {
      line.waiting.emplace_back(channel, std::move(letter));
    }
  }
}

void Exchange::transmit(Line& line, core::Channel channel, Link::Frames frames) {
  for (core::Frame<Letter>& frame : frames) transmit(line, Segment{line.session, channel, std::move(frame)});
}

void Exchange::transmit(Line& line, decltype(Datagram::content) content) {
  if (line.outbox.size() >= kOutboxMax) return traffic_.drop(Drop::queue_full);
  Packet packet = encode({settings_.run, std::move(content)});
  line.outbox.push_back(line.seal ? line.seal->seal(packet) : std::move(packet));
  flush(line);
}

void Exchange::flush(Line& line) {
  while (!line.outbox.empty()) {
    const Packet& packet = line.outbox.front();
    const Sent sent = carrier_.send(*line.peer, packet);
    if (sent == Sent::full) return;
    if (sent == Sent::taken) traffic_.sent(packet.size());
    line.outbox.pop_front();
  }
}

void Exchange::attach(core::Incarnation incarnation) {
  const auto found = lines_.find(incarnation);
  if (found == lines_.end() || found->second.over) return;
  // Where packets are sealed, that this one opens shows the key.
  transmit(found->second, Attach{found->second.session, settings_.sealed ? SessionKey{} : found->second.key});
}

void Exchange::send_around(PeerId to, decltype(Datagram::content) content) {
  const Packet packet = encode({settings_.run, std::move(content)});
  const Sent sent = carrier_.send(to, packet);
  if (sent == Sent::taken) traffic_.sent(packet.size());
  if (sent == Sent::full) traffic_.drop(Drop::queue_full);
}

void Exchange::when_acknowledged(core::Incarnation incarnation, std::function<void()> act) {
  const auto found = lines_.find(incarnation);
  if (found == lines_.end() || found->second.over) return;
  found->second.when_acknowledged.push_back(std::move(act));
  tell_when_acknowledged(found->second);
}

void Exchange::tell_when_acknowledged(Line& line) {
  if (line.when_acknowledged.empty() || !line.has_all_acknowledged()) return;
  for (const auto& act : std::exchange(line.when_acknowledged, {})) act();
}

// ---- what comes

std::variant<Datagram, Drop> Exchange::unpack(const carrier_event::Arrived& arrived) {
  if (!settings_.sealed) return decode(arrived.packet);
  const std::optional<core::Incarnation> incarnation = Seal::incarnation_of(arrived.packet);
  if (!incarnation) return Drop::malformed;
  const auto found = lines_.find(*incarnation);
  if (found == lines_.end() || found->second.over) return Drop::unknown_session;
  Line& line = found->second;
  if (line.peer && *line.peer != arrived.from) return Drop::wrong_peer;
  std::variant<Packet, Drop> opened = line.seal->open(arrived.packet);
  if (const Drop* drop = std::get_if<Drop>(&opened)) return *drop;
  return decode(std::get<Packet>(opened));
}

std::variant<Exchange::Taken, Datagram, Drop> Exchange::receive(Time now, const carrier_event::Arrived& arrived) {
  traffic_.received(arrived.packet.size());
  std::variant<Datagram, Drop> unpacked = unpack(arrived);
  if (const Drop* drop = std::get_if<Drop>(&unpacked)) {
    traffic_.drop(*drop);
    return *drop;
  }
  Datagram& datagram = std::get<Datagram>(unpacked);
  const auto* segment = std::get_if<Segment>(&datagram.content);
  const auto* attach = std::get_if<Attach>(&datagram.content);
  if (segment == nullptr && attach == nullptr) return std::move(datagram);
  if (datagram.run != settings_.run) {
    traffic_.drop(Drop::other_run);
    return Drop::other_run;
  }
  const bool taken = segment != nullptr ? take(now, arrived.from, *segment) : take(now, arrived.from, *attach);
  if (taken) return Taken{};
  return std::move(datagram);
}

bool Exchange::take(Time now, PeerId from, const Segment& segment) {
  Line* line = find(segment.session);
  if (line == nullptr || line->peer != from) return false;
  const core::Channel index = segment.channel - settings_.first_channel;
  if (segment.channel < settings_.first_channel || index >= line->links.size()) {
    traffic_.drop(Drop::out_of_order);
    return true;
  }
  sink_.heard(line->session);
  Link::Received received = line->links[index].receive(now, segment.frame);
  transmit(*line, segment.channel, std::move(received.frames));
  deliver(*line, segment.channel, received.delivered);
  tell_when_acknowledged(*line);
  return true;
}

void Exchange::deliver(Line& line, core::Channel channel, const std::vector<Letter>& letters) {
  for (const Letter& letter : letters) {
    if (line.over) return;
    Result<std::optional<Delivery>> added = line.assemblers[channel - settings_.first_channel].add(letter);
    if (!added) {
      traffic_.drop(Drop::out_of_order);
      return be_over(line, added.error().message);
    }
    if (*added) sink_.delivered(line.session, channel, std::move(**added));
  }
}

bool Exchange::take(Time now, PeerId from, const Attach& attach) {
  Line* line = find(attach.session);
  if (line == nullptr || (line->peer && *line->peer != from)) return false;
  if (!settings_.sealed && attach.key != line->key) {
    traffic_.drop(Drop::forged);
    return true;
  }
  line->peer = from;
  for (auto& [channel, letter] : std::exchange(line->waiting, {})) {
    transmit(*line, channel, line->links.at(channel - settings_.first_channel).send(now, std::move(letter)));
  }
  return true;
}

void Exchange::tick(Time now) {
  for (auto& [incarnation, line] : lines_) {
    if (!line.over) look_after(now, line);
  }
  std::size_t waiting = 0;
  for (const auto& [incarnation, line] : lines_) {
    for (const Link& link : line.links) waiting += link.unacknowledged();
  }
  traffic_.messages_waiting.store(waiting, std::memory_order_relaxed);
}

void Exchange::look_after(Time now, Line& line) {
  if (!line.peer) {
    const bool is_late = clock_.look(now) - line.opened >= settings_.liveness.lost_after();
    return is_late ? be_over(line, "it did not open its connection for tensors in time") : void();
  }
  flush(line);
  for (std::size_t i = 0; i < line.links.size(); ++i) {
    transmit(line, settings_.first_channel + static_cast<core::Channel>(i), line.links[i].tick(now));
    if (const std::optional<std::string> cause = line.links[i].broken()) return be_over(line, *cause);
  }
  tell_when_acknowledged(line);
}

}  // namespace fulmar::transport
