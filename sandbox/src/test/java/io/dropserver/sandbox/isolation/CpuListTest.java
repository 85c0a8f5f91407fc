package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuListTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"0-1; 1", "0-3,8; 1,2,3,8", "2,5; 5", "4-4,6-7; 6,7", "8,0-1; 1,8", "0; 0", "3; 3"})
  void theFirstIsLeftOutUnlessItIsTheOnlyOne(String list, String rest) {
    assertThat(CpuList.of(list, Cpus.OTHERS)).isEqualTo(rest);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"0-1; 0", "2-3,8; 2", "8,0-1; 0", "3; 3"})
  void theFirstStandsAloneOrAmongAll(String list, String first) {
    assertThat(CpuList.of(list, Cpus.FIRST)).isEqualTo(first);
    assertThat(CpuList.of(list, Cpus.ALL)).isEqualTo(list);
  }

  @Test
  void noneIsKeptWhereThereIsOneOnly() {
    assertThat(CpuList.first("2-3,8")).hasValue(2);
    assertThat(CpuList.first("3")).isEmpty();
  }
}
