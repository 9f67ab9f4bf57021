// The arithmetic of the reduction: adding two subtrees, testing and measuring a chunk, digesting a vector.
// Thread rule: pure functions over the caller's buffers.
//
// SUM-1: add() is element by element in float32: value(k,i) = value(k−1,2i) + value(k−1,2i+1).
// SUM-2: squared_norm() and digest() accumulate in 16 fixed lanes that a fixed tree joins: the same bits whatever the
//        vector width or the alignment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fulmar::core {

/// left[i] += right[i]. Same length.
void add(std::span<float> left, std::span<const float> right);

/// Whether every element is finite.
bool all_finite(std::span<const float> values);

/// Σ v² in double, 16 lanes, joined by a fixed tree.
double squared_norm(std::span<const float> values);

/// Joins per-chunk sums in a fixed binary tree over the chunk index (value(k,i) = value(k−1,2i) + value(k−1,2i+1);
/// absent subtrees are copied). Empty: 0.
double tree_sum(std::span<const double> values);

/// A 64-bit digest of the bit pattern of `values`, to compare two copies of a tree node (not cryptographic, fast).
std::uint64_t digest(std::span<const float> values);

}  // namespace fulmar::core
