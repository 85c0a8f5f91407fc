@NullMarked
package io.dropserver.schema.state;

import org.jspecify.annotations.NullMarked;
