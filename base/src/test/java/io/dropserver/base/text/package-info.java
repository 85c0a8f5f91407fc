@NullMarked
package io.dropserver.base.text;

import org.jspecify.annotations.NullMarked;
