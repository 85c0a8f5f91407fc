@NullMarked
package io.dropserver.schema.host;

import org.jspecify.annotations.NullMarked;
