// The words around sessions.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "runtime/transport/codec_parts.hpp"

namespace fulmar::transport {
namespace {

/// More than anybody would set; what follows from it can be computed.
constexpr std::int64_t kLivenessMaxNs = std::int64_t{24} * 3600 * 1'000'000'000;

wire::Key to_wire(const SessionKey& key) {
  std::array<std::uint8_t, std::tuple_size_v<SessionKey>> bytes{};
  std::transform(key.begin(), key.end(), bytes.begin(), std::to_integer<std::uint8_t>);
  return wire::Key(bytes);
}

SessionKey from_wire(const wire::Key& key) {
  SessionKey read;
  std::transform(key.bytes()->begin(), key.bytes()->end(), read.begin(),
                 [](std::uint8_t byte) { return std::byte{byte}; });
  return read;
}

// ---- written

template <class Table>
Written<wire::Content> as_word(flatbuffers::Offset<Table> table) {
  return {wire::ContentTraits<Table>::enum_value, table.Union()};
}

/// To be visited with.
struct WordWriter {
  using Word = Written<wire::Content>;

  Word operator()(const Segment&) const { return {}; }
  Word operator()(const Hello&) const { return as_word(wire::CreateHello(builder)); }
  Word operator()(const JoinRequest& request) const {
    const auto name = text(request.join.name, kName);
    const auto fingerprint = text(request.credentials.data_fingerprint, kName);
    const auto determinism_class = text(request.credentials.determinism_class, kName);
    return as_word(wire::CreateJoinRequest(builder, name, request.join.slots, request.join.instance,
                                           request.join.attempt, fingerprint, determinism_class));
  }
  Word operator()(const Attach& attach) const {
    const wire::Session session = transport::to_wire(attach.session);
    const wire::Key key = to_wire(attach.key);
    return as_word(wire::CreateAttach(builder, &session, &key));
  }
  Word operator()(const StatusRequest&) const { return as_word(wire::CreateStatusRequest(builder)); }
  Word operator()(const DrainRequest& request) const {
    return as_word(wire::CreateDrainRequest(builder, text(request.node, kName)));
  }
  Word operator()(const PolicyRequest& request) const {
    return as_word(wire::CreatePolicyRequest(builder, text(request.policy, kName)));
  }
  Word operator()(const Offer& offer) const {
    return as_word(wire::CreateOffer(builder, text(offer.manifest, kDocument), offer.liveness.count()));
  }
  Word operator()(const Refusal& refusal) const {
    return as_word(wire::CreateRefusal(builder, text(refusal.reason, kProse), refusal.may_retry));
  }
  Word operator()(const Greeting& greeting) const {
    const core::Welcome& welcome = greeting.welcome;
    const wire::Session identity = transport::to_wire(welcome.identity);
    const wire::Key key = to_wire(greeting.key);
    const auto tensors = text(greeting.tensors, kName);
    return as_word(wire::CreateGreeting(builder, &identity, welcome.end_version, welcome.attempt, welcome.instance,
                                        tensors, greeting.sealed, &key));
  }
  Word operator()(const Gone& gone) const {
    const wire::Session session = transport::to_wire(gone.session);
    return as_word(wire::CreateGone(builder, &session));
  }
  Word operator()(const Dismissal& dismissal) const {
    const wire::Session session = transport::to_wire(dismissal.session);
    const auto reason = text(dismissal.farewell.reason, kProse);
    return as_word(wire::CreateDismissal(builder, &session, reason, dismissal.farewell.may_return));
  }
  Word operator()(const Status& status) const {
    std::vector<flatbuffers::Offset<wire::NodeStatus>> nodes;
    for (const NodeStatus& node : status.nodes) {
      if (nodes.size() == kStatusNodesMax) break;
      nodes.push_back(wire::CreateNodeStatus(builder, text(node.name, kName), node.node, text(node.state, kName),
                                             node.slots, node.samples_per_second, node.share, node.staleness,
                                             node.gate_idle_seconds, node.last_seen_seconds));
    }
    const auto run = text(status.run, kName);
    const auto policy = text(status.policy, kName);
    return as_word(wire::CreateStatus(builder, run, status.version, status.epoch, status.loss,
                                      status.samples_per_second, policy, status.units_in_flight, status.staleness_max,
                                      status.gate_idle_seconds, builder.CreateVector(nodes)));
  }
  Word operator()(const Done&) const { return as_word(wire::CreateDone(builder)); }

  flatbuffers::Offset<flatbuffers::String> text(std::string_view text, TextLimits limits) const {
    return write_text(builder, text, limits);
  }

  Builder& builder;
};

// ---- read

using Read = std::optional<Content>;

Read read(const wire::Hello&) {
  return Hello{};
}
Read read(const wire::JoinRequest& from) {
  JoinRequest request;
  request.join.slots = from.slots();
  request.join.instance = from.instance();
  request.join.attempt = from.attempt();
  const bool fine = read_text(*from.name(), kName, request.join.name) &&
                    read_text(*from.data_fingerprint(), kName, request.credentials.data_fingerprint) &&
                    read_text(*from.determinism_class(), kName, request.credentials.determinism_class);
  return fine ? Read(std::move(request)) : std::nullopt;
}
Read read(const wire::Attach& from) {
  return Attach{transport::from_wire(*from.session()), from_wire(*from.key())};
}
Read read(const wire::StatusRequest&) {
  return StatusRequest{};
}
Read read(const wire::DrainRequest& from) {
  DrainRequest request;
  return read_text(*from.node(), kName, request.node) ? Read(std::move(request)) : std::nullopt;
}
Read read(const wire::PolicyRequest& from) {
  PolicyRequest request;
  return read_text(*from.policy(), kName, request.policy) ? Read(std::move(request)) : std::nullopt;
}
Read read(const wire::Offer& from) {
  Offer offer{{}, std::chrono::nanoseconds(from.liveness_ns())};
  if (from.liveness_ns() <= 0 || from.liveness_ns() > kLivenessMaxNs) return std::nullopt;
  return read_text(*from.manifest(), kDocument, offer.manifest) ? Read(std::move(offer)) : std::nullopt;
}
Read read(const wire::Refusal& from) {
  Refusal refusal{{}, from.may_retry()};
  return read_text(*from.reason(), kProse, refusal.reason) ? Read(std::move(refusal)) : std::nullopt;
}
Read read(const wire::Greeting& from) {
  const core::Sender identity = transport::from_wire(*from.identity());
  Greeting greeting{
      {identity, from.end_version(), from.attempt(), from.instance()}, {}, from.sealed(), from_wire(*from.key())};
  return read_text(*from.tensors(), kName, greeting.tensors) ? Read(std::move(greeting)) : std::nullopt;
}
Read read(const wire::Gone& from) {
  return Gone{transport::from_wire(*from.session())};
}
Read read(const wire::Dismissal& from) {
  Dismissal dismissal{transport::from_wire(*from.session()), {{}, from.may_return()}};
  return read_text(*from.reason(), kProse, dismissal.farewell.reason) ? Read(std::move(dismissal)) : std::nullopt;
}

bool read_node(const wire::NodeStatus& from, NodeStatus& to) {
  to.node = from.node();
  to.slots = from.slots();
  to.samples_per_second = from.samples_per_second();
  to.share = from.share();
  to.staleness = from.staleness();
  to.gate_idle_seconds = from.gate_idle_seconds();
  to.last_seen_seconds = from.last_seen_seconds();
  return read_text(*from.name(), kName, to.name) && read_text(*from.state(), kName, to.state);
}
Read read(const wire::Status& from) {
  Status status;
  status.version = from.version();
  status.epoch = from.epoch();
  status.loss = from.loss();
  status.samples_per_second = from.samples_per_second();
  status.units_in_flight = from.units_in_flight();
  status.staleness_max = from.staleness_max();
  status.gate_idle_seconds = from.gate_idle_seconds();
  if (!read_text(*from.run(), kName, status.run) || !read_text(*from.policy(), kName, status.policy)) {
    return std::nullopt;
  }
  if (from.nodes()->size() > kStatusNodesMax) return std::nullopt;
  for (const wire::NodeStatus* node : *from.nodes()) {
    if (!read_node(*node, status.nodes.emplace_back())) return std::nullopt;
  }
  return status;
}
Read read(const wire::Done&) {
  return Done{};
}

}  // namespace

Written<wire::Content> write_word(Builder& builder, const Content& content) {
  return std::visit(WordWriter{builder}, content);
}

std::optional<Content> read_word(const wire::Datagram& datagram) {
  switch (datagram.content_type()) {
    case wire::Content::Hello:
      return read(*datagram.content_as_Hello());
    case wire::Content::JoinRequest:
      return read(*datagram.content_as_JoinRequest());
    case wire::Content::Attach:
      return read(*datagram.content_as_Attach());
    case wire::Content::StatusRequest:
      return read(*datagram.content_as_StatusRequest());
    case wire::Content::DrainRequest:
      return read(*datagram.content_as_DrainRequest());
    case wire::Content::PolicyRequest:
      return read(*datagram.content_as_PolicyRequest());
    case wire::Content::Offer:
      return read(*datagram.content_as_Offer());
    case wire::Content::Refusal:
      return read(*datagram.content_as_Refusal());
    case wire::Content::Greeting:
      return read(*datagram.content_as_Greeting());
    case wire::Content::Gone:
      return read(*datagram.content_as_Gone());
    case wire::Content::Dismissal:
      return read(*datagram.content_as_Dismissal());
    case wire::Content::Status:
      return read(*datagram.content_as_Status());
    case wire::Content::Done:
      return read(*datagram.content_as_Done());
    case wire::Content::Segment:
    case wire::Content::NONE:
      break;
  }
  return std::nullopt;
}

}  // namespace fulmar::transport
