#include "models/dropout.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::models {

static_assert(std::endian::native == std::endian::little, "DROPOUT-1 reads the low half of a word first");

Dropout::Dropout(double probability) {
  FULMAR_ASSERT(probability >= 0 && probability < 1, "dropout probability " + std::to_string(probability));
  if (probability == 0) return;
  const double rounded = std::clamp(probability * 65536.0 + 0.5, 1.0, 65535.0);
  threshold_ = static_cast<std::uint16_t>(rounded);
  scale_ = static_cast<float>(65536.0 / (65536.0 - threshold_));
}

void Dropout::draw(const RandomStream& stream, std::size_t layer, std::span<std::uint16_t> decisions) const {
  std::array<std::uint32_t, 2048> words;
  constexpr std::size_t kPerFill = 2 * words.size();
  std::uint64_t block = static_cast<std::uint64_t>(layer) << 32;
  for (std::size_t first = 0; first < decisions.size(); first += kPerFill, block += words.size() / 4) {
    const std::size_t count = std::min(kPerFill, decisions.size() - first);
    stream.fill(block, std::span(words).first((count + 7) / 8 * 4));  // whole blocks of four words
    std::memcpy(decisions.data() + first, words.data(), count * sizeof(std::uint16_t));
  }
}

void Dropout::apply(std::span<const std::uint16_t> decisions, const float* values, float* out) const {
  const std::uint16_t threshold = threshold_;
  const float scale = scale_;
  const std::uint16_t* decision = decisions.data();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const std::uint32_t keep = decision[i] >= threshold ? ~std::uint32_t{0} : 0;  // bits: no branch, so vectorised
    out[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(values[i] * scale) & keep);
  }
}

}  // namespace fulmar::models
