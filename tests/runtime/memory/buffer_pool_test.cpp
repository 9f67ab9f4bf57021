#include "runtime/memory/buffer_pool.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar {

BOOST_AUTO_TEST_SUITE(buffer_pool)

BOOST_AUTO_TEST_CASE(buffers_are_aligned_and_distinct) {  // POOL-1
  BufferPool pool;
  std::vector<MutableBuffer> held;
  std::set<const float*> places;
  for (const std::size_t floats : {1U, 16U, 1000U, 1000U, 1000U}) {
    held.push_back(pool.take(floats));
    BOOST_TEST(held.back()->size() == floats);
    const float* place = held.back()->values().data();
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(place) % 64 == 0U);
    places.insert(place);
  }
  BOOST_TEST(places.size() == held.size());
}

BOOST_AUTO_TEST_CASE(memory_is_used_again) {
  BufferPool pool;
  const float* place = nullptr;
  {
    const MutableBuffer first = pool.take(5000);
    place = first->values().data();
    BOOST_TEST(pool.idle() == 0U);
  }
  BOOST_TEST(pool.idle() == 1U);
  BOOST_TEST(pool.take(5000)->values().data() == place);
  BOOST_TEST(pool.take(4999)->values().data() != place);
}

BOOST_AUTO_TEST_CASE(a_buffer_outlives_its_pool) {  // POOL-2
  MutableBuffer survivor;
  {
    BufferPool pool;
    survivor = pool.take(100);
  }
  std::fill(survivor->values().begin(), survivor->values().end(), 1.0F);
  BOOST_TEST(survivor->values().back() == 1.0F);
}

BOOST_AUTO_TEST_CASE(threads_never_hold_the_same_memory) {  // POOL-1, and ThreadSanitizer's case
  BufferPool pool;
  constexpr int kRounds = 2000;
  const auto work = [&](float mark, int& mistakes) {
    for (int round = 0; round < kRounds; ++round) {
      const MutableBuffer buffer = pool.take(64 + static_cast<std::size_t>(round % 3));
      std::fill(buffer->values().begin(), buffer->values().end(), mark);
      const auto is_mine = [&](float value) { return value == mark; };
      if (!std::all_of(buffer->values().begin(), buffer->values().end(), is_mine)) ++mistakes;
    }
  };
  int first_mistakes = 0, second_mistakes = 0;
  std::thread other(work, 2.0F, std::ref(second_mistakes));
  work(1.0F, first_mistakes);
  other.join();
  BOOST_TEST(first_mistakes + second_mistakes == 0);
  BOOST_TEST(pool.idle() <= 6U);  // two threads, three sizes
}

BOOST_AUTO_TEST_CASE(what_one_thread_writes_another_reads) {
  BufferPool pool;
  MutableBuffer buffer = pool.take(1000);
  std::fill(buffer->values().begin(), buffer->values().end(), 3.0F);
  float sum = 0;
  std::thread reader([shared = SharedBuffer(std::move(buffer)), &sum] {
    for (const float value : shared->values()) sum += value;
  });
  reader.join();
  BOOST_TEST(sum == 3000.0F);
  BOOST_TEST(pool.idle() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar
