@NullMarked
package io.dropserver.state;

import org.jspecify.annotations.NullMarked;
