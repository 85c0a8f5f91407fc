@NullMarked
package io.dropserver.schema.process;

import org.jspecify.annotations.NullMarked;
