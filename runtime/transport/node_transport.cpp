#include "runtime/transport/node_transport.hpp"

#include <utility>

#include "runtime/transport/node_desk.hpp"
#include "runtime/transport/tensor_desk.hpp"
#include "runtime/transport/zmq_carrier.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::transport {

struct NodeTransport::Impl {
  Impl(NodeSettings node, BufferPool& buffers) : settings(std::move(node)), pool(buffers) {}

  Result<void> prepare();
  void take_part(const RunFacts& facts);
  void begin(Time now, const Greeting& greeting);
  void end_tensors();

  NodeSettings settings;
  BufferPool& pool;
  NodeSink* sink = nullptr;
  Traffic control_traffic;
  Traffic tensor_traffic;
  std::unique_ptr<ZmqDialer> control_socket;
  std::unique_ptr<ZmqDialer> tensor_socket;
  std::unique_ptr<NodeDesk> control_desk;
  // Of the tensor pump's thread, made when the run is known.
  std::unique_ptr<TensorDesk> tensor_desk;
  std::optional<PeerId> tensor_peer;
  core::Sender session;
  std::unique_ptr<Pump> control_pump;  // the last members: their threads use all of the above
  std::unique_ptr<Pump> tensor_pump;
};

Result<void> NodeTransport::Impl::prepare() {
  Result<std::unique_ptr<ZmqDialer>> control = ZmqDialer::make({settings.liveness, settings.keys});
  if (!control) return control.error();
  control_socket = std::move(*control);
  Result<std::unique_ptr<ZmqDialer>> tensors = ZmqDialer::make({settings.liveness, std::nullopt});
  if (!tensors) return tensors.error();
  tensor_socket = std::move(*tensors);
  control_desk =
      std::make_unique<NodeDesk>(settings.endpoint, settings.liveness, *control_socket, pool, control_traffic);
  return {};
}

void NodeTransport::Impl::take_part(const RunFacts& run) {
  tensor_desk = std::make_unique<TensorDesk>(ExchangeSettings{run.run, Side::node, run.liveness, core::channel_of(0),
                                                              run.shard_floats, settings.keys.has_value()},
                                             *tensor_socket, pool, tensor_traffic);
  tensor_desk->meet({[this](const core::Sender& from, core::Channel, Delivery delivery) {
                       sink->on_message(from, std::move(delivery));
                     },
                     [this](const core::Sender& of, const std::string& cause) {
                       control_pump->post([this, of, cause](Time) { control_desk->tell_broken(of, cause); });
                     }});
  tensor_pump = std::make_unique<Pump>(*tensor_socket, *tensor_desk, run.liveness.tick(), "fulmar-tensors");
}

void NodeTransport::Impl::begin(Time now, const Greeting& greeting) {
  session = greeting.welcome.identity;
  const auto broken = [this](const std::string& cause) {
    control_pump->post([this, of = session, cause](Time) { control_desk->tell_broken(of, cause); });
  };
  if (greeting.sealed != settings.keys.has_value()) return broken("the head's idea of keys differs from this node's");
  Result<Endpoint> endpoint = parse_endpoint(greeting.tensors);
  if (!endpoint) return broken(endpoint.error().message);
  if (endpoint->host == "*") endpoint->host = settings.endpoint.host;
  const Result<PeerId> dialed = tensor_socket->dial(*endpoint);
  if (!dialed) return broken(dialed.error().message);
  tensor_peer = *dialed;
  tensor_desk->exchange().open(now, {session, *dialed, greeting.key});
  tensor_desk->exchange().attach(session.incarnation);
}

void NodeTransport::Impl::end_tensors() {
  tensor_desk->exchange().close(session.incarnation);
  if (tensor_peer) tensor_socket->hang_up(*tensor_peer);
  tensor_peer.reset();
}

NodeTransport::NodeTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

NodeTransport::~NodeTransport() {
  stop();
}

Result<std::unique_ptr<NodeTransport>> NodeTransport::make(NodeSettings settings, BufferPool& pool) {
  auto impl = std::make_unique<Impl>(std::move(settings), pool);
  if (const Result<void> prepared = impl->prepare(); !prepared) return prepared.error();
  return std::unique_ptr<NodeTransport>(new NodeTransport(std::move(impl)));
}

void NodeTransport::start(NodeSink& sink) {
  impl_->sink = &sink;
  impl_->control_desk->meet(sink);
  impl_->control_pump = std::make_unique<Pump>(*impl_->control_socket, *impl_->control_desk,
                                               impl_->settings.liveness.tick(), "fulmar-control");
}

void NodeTransport::stop() {
  if (impl_->tensor_pump) impl_->tensor_pump->stop();
  if (impl_->control_pump) impl_->control_pump->stop();
}

void NodeTransport::hello() {
  impl_->control_pump->post([this](Time now) { impl_->control_desk->hello(now); });
}

void NodeTransport::take_part(RunFacts facts) {
  FULMAR_ASSERT(impl_->tensor_pump == nullptr, "NodeTransport::take_part() was called twice");
  impl_->control_pump->post([this, facts](Time) { impl_->control_desk->take_part(facts); });
  impl_->take_part(facts);
}

void NodeTransport::join(const core::Join& join) {
  impl_->control_pump->post([this, join](Time now) { impl_->control_desk->join(now, join); });
}

void NodeTransport::begin(const Greeting& greeting) {
  impl_->control_pump->post(
      [this, session = greeting.welcome.identity](Time now) { impl_->control_desk->begin(now, session); });
  impl_->tensor_pump->post([this, greeting](Time now) { impl_->begin(now, greeting); });
}

void NodeTransport::end() {
  impl_->control_pump->post([this](Time) { impl_->control_desk->end(); });
  impl_->tensor_pump->post([this](Time) { impl_->end_tensors(); });
}

void NodeTransport::send(core::Channel channel, Parcel parcel) {
  if (channel == core::kSupervisorChannel) {
    impl_->control_pump->post([this, parcel = std::move(parcel)](Time now) { impl_->control_desk->send(now, parcel); });
  } else {
    impl_->tensor_pump->post([this, channel, parcel = std::move(parcel)](Time now) {
      impl_->tensor_desk->exchange().send(now, impl_->session.incarnation, channel, parcel);
    });
  }
}

void NodeTransport::send_behind_tensors(core::SessionMessage message) {
  impl_->tensor_pump->post([this, message = std::move(message)](Time) {
    impl_->tensor_desk->exchange().when_acknowledged(impl_->session.incarnation, [this, message] {
      impl_->control_pump->post([this, message](Time now) {
        impl_->control_desk->send(now, {message, nullptr, 0, 0});
      });
    });
  });
}

const Traffic& NodeTransport::control_traffic() const {
  return impl_->control_traffic;
}

const Traffic& NodeTransport::tensor_traffic() const {
  return impl_->tensor_traffic;
}

}  // namespace fulmar::transport
