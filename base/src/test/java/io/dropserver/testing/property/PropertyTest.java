package io.dropserver.testing.property;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PropertyTest {
  @Test
  void aFailureNamesTheValuesAndTheSeed() {
    assertThatThrownBy(
            () ->
                Property.forAll(
                    1000,
                    Generator.integers(0, 9),
                    Generator.of("a"),
                    (number, text) -> assertThat(number).isLessThan(9)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("of seed ", "fails with [9, a]");
  }

  @Test
  void boundsAreTriedAndRunsAreReproducible() {
    List<List<Long>> runs = List.of(new ArrayList<>(), new ArrayList<>());
    runs.forEach(
        run -> Property.forAll(200, Generator.longs(Long.MIN_VALUE, Long.MAX_VALUE), run::add));
    assertThat(runs.getFirst()).isEqualTo(runs.getLast()).contains(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  @Test
  void textHasControlCharactersAndUnpairedSurrogates() {
    StringBuilder all = new StringBuilder();
    Property.forAll(100, Generator.text(40), all::append);
    assertThat(all.chars().anyMatch(unit -> unit == 0 || unit == '\n')).isTrue();
    assertThat(all.codePoints().anyMatch(point -> point >= 0xd800 && point < 0xe000)).isTrue();
  }
}
