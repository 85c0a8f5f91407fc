@NullMarked
package io.dropserver.schema.instance;

import org.jspecify.annotations.NullMarked;
